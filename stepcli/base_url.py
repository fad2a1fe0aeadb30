"""The base URL of the service, parsed once where it enters the program.

Encryption, proxies, the WebSocket address, the open base and prices depend on the parsed value; no
other code looks at the spelling of a URL.
"""

from __future__ import annotations

import ipaddress
import re
from urllib.parse import quote, urlsplit

from stepcli.errors import UsageError

_PORTS = {"http": 80, "https": 443}
_PLAN_SEGMENT = "step_plan"
_HOST = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?:\.[a-z0-9_-]{1,63})*")
_NUMERIC = re.compile(r"(?:0x[0-9a-f]*|[0-9]+)(?:\.(?:0x[0-9a-f]*|[0-9]+))*")
_CREDENTIALS = re.compile(r"[^/?#]*//[^/?#]*@")
_LONGEST_HOST = 253
_PATH_CHARACTERS = "/%:@!$&'()*+,;=~-._"


class BaseURL:
    """An https URL, or an http URL of this machine; `parse` is the only way to make one of text.

    `host` is lower case ASCII without a trailing dot; an IPv6 address has no brackets. `path` is
    escaped, without empty or dot segments and without a trailing slash.

    It is not a dataclass because it is imported before the early connection begins: the import of
    `dataclasses` takes a third of the processor time until then.
    """

    __slots__ = ("host", "path", "port", "scheme")

    def __init__(self, scheme: str, host: str, port: int, path: str) -> None:
        if scheme not in _PORTS:
            raise ValueError(f"scheme {scheme}")
        if scheme == "http" and not is_loopback(host):
            raise ValueError("http is for this machine only")
        self.scheme, self.host, self.port, self.path = scheme, host, port, path

    @classmethod
    def parse(cls, text: str) -> BaseURL:
        """Return the value of `text`; raise UsageError unless the API key may be sent there."""
        return _parse(text)

    @property
    def encrypted(self) -> bool:
        return self.scheme == "https"

    @property
    def authority(self) -> str:
        """Host and, unless it is the default, port; for URLs and messages."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _PORTS[self.scheme] else f"{host}:{self.port}"

    @property
    def open(self) -> BaseURL:
        """The open base: the path without its `step_plan` segment (PROTOCOL.md, section 1)."""
        segments = self.path.split("/")
        if _PLAN_SEGMENT in segments:
            segments.remove(_PLAN_SEGMENT)
        return BaseURL(self.scheme, self.host, self.port, "/".join(segments))

    def with_host(self, host: str) -> BaseURL:
        """Return the same base on another host."""
        return BaseURL(self.scheme, host, self.port, self.path)

    def url(self, path: str) -> str:
        """Return the URL of `path`, relative to the base."""
        return f"{self}/{path}"

    def websocket_url(self, path: str, *, inside_tls: bool = False) -> str:
        """Return the ws or wss URL of `path`, encrypted exactly if the base is.

        On a connection that is encrypted already (`inside_tls`), the scheme is ws.
        """
        scheme = "wss" if self.encrypted and not inside_tls else "ws"
        return f"{scheme}://{self.authority}{self.path}/{path}"

    def belongs_to(self, domain: str) -> bool:
        """Return whether the host is `domain` or below it."""
        return self.host == domain or self.host.endswith(f".{domain}")

    def __str__(self) -> str:
        return f"{self.scheme}://{self.authority}{self.path}"

    def __repr__(self) -> str:
        return f"BaseURL({str(self)!r})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, BaseURL) and str(self) == str(other)

    def __hash__(self) -> int:
        return hash(str(self))


def is_loopback(host: str) -> bool:
    """Return whether the normalized `host` is this machine."""
    if host == "localhost":
        return True
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return False
    mapped = getattr(address, "ipv4_mapped", None)
    return (mapped or address).is_loopback


def _parse(text: str) -> BaseURL:
    if any(character <= " " or character in "\x7f\\" for character in text):
        raise _refused(text, "contains spaces, backslashes or control characters")
    if _CREDENTIALS.match(text):
        raise UsageError("the base URL must not contain a user name or password", hint=_EXAMPLE)
    if "?" in text or "#" in text:
        raise _refused(text, "must not have a query or a fragment")
    try:
        parts = urlsplit(text)
        host, port = _normalized_host(parts.hostname or ""), parts.port
    except ValueError as exc:
        raise _refused(text, f"is not a valid URL: {exc}") from None
    if parts.scheme not in _PORTS or not host or port == 0:
        raise _refused(text, "is not an http or https URL")
    if parts.scheme == "http" and not is_loopback(host):
        raise UsageError(
            f"refusing to send the API key to {host} without encryption", hint="use https://"
        )
    return BaseURL(parts.scheme, host, port or _PORTS[parts.scheme], _normalized_path(parts.path))


_EXAMPLE = "for example https://api.stepfun.ai/step_plan/v1"


def _refused(text: str, reason: str) -> UsageError:
    shown = "the base URL" if "@" in text else f"the base URL {text!r}"  # a password may precede it
    return UsageError(f"{shown} {reason}", hint=_EXAMPLE)


def _normalized_host(host: str) -> str:
    """Return `host` as it is looked up; raise ValueError if it cannot be a host.

    httpx, websockets and the resolver differ in how they read a name (IDNA 2003 or 2008, a trailing
    dot, 127.1), so they all get the same normalized form.
    """
    if ":" in host:
        if "%" in host:
            raise ValueError("an IPv6 address with a zone")
        return str(ipaddress.IPv6Address(host))
    spelled_in_ascii = host.isascii()
    if not spelled_in_ascii:
        import idna

        host = idna.encode(host, uts46=True).decode()
    host = host.lower().removesuffix(".")
    if not spelled_in_ascii and is_loopback(host):
        raise ValueError("a disguised name of this machine")
    if _NUMERIC.fullmatch(host):
        return str(ipaddress.IPv4Address(host))  # refuses 127.1, which only some libraries read
    if host and (len(host) > _LONGEST_HOST or not _HOST.fullmatch(host)):
        raise ValueError(f"{host} is not a host name")
    return host


def _normalized_path(path: str) -> str:
    """Return `path` escaped, without empty and dot segments."""
    escaped = quote(path, safe=_PATH_CHARACTERS)
    kept: list[str] = []
    for segment in escaped.split("/"):
        name = segment.replace("%2e", ".").replace("%2E", ".")
        if name == "..":
            del kept[-1:]
        elif name not in ("", "."):
            kept.append(segment)
    return "".join(f"/{segment}" for segment in kept)
