"""Proxies: one policy for HTTP, WebSocket and the checks of `doctor`."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from urllib.parse import quote, unquote, urlsplit

from stepcli.base_url import BaseURL
from stepcli.errors import UsageError
from stepcli.redaction import register_secret
from stepcli.settings import may_have_proxy

_DEFAULT_PORTS = {"http": 80, "https": 443, "socks5": 1080, "socks5h": 1080}
PROXY_HINT = "check HTTPS_PROXY, ALL_PROXY and NO_PROXY"


@dataclass(frozen=True, slots=True)
class Proxy:
    """A proxy between this machine and the service; `url` has its credentials, `str` has not."""

    scheme: str
    host: str
    port: int
    username: str = ""
    password: str = field(default="", repr=False)

    @classmethod
    def parse(cls, text: str, source: str) -> Proxy:
        """Return the proxy `text`, a URL or `HOST:PORT`, of the setting `source`.

        Raise UsageError, which does not repeat `text`, if it is neither.
        """
        try:
            parts = urlsplit(text if "://" in text else f"http://{text}")
            host, port = parts.hostname or "", parts.port
        except ValueError as exc:
            raise _unusable(source, "is not a URL") from exc
        if parts.scheme not in _DEFAULT_PORTS:
            raise _unusable(source, f"has the unsupported scheme {parts.scheme}")
        if not host or parts.path not in ("", "/") or parts.query or parts.fragment:
            raise _unusable(source, "is not http://HOST:PORT")
        username, password = unquote(parts.username or ""), unquote(parts.password or "")
        register_secret(password)
        register_secret(f"{username}:{password}")
        return cls(parts.scheme, host, port or _DEFAULT_PORTS[parts.scheme], username, password)

    @property
    def url(self) -> str:
        """The proxy's URL with its credentials, in the form that httpx and websockets accept."""
        if not self.username:
            return str(self)
        credentials = f"{quote(self.username, safe='')}:{quote(self.password, safe='')}"
        return f"{self.scheme}://{credentials}@{self._authority}"

    @property
    def encrypted(self) -> bool:
        return self.scheme == "https"

    @property
    def _authority(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    def __str__(self) -> str:
        return f"{self.scheme}://{self._authority}"


def proxy_for(base: BaseURL) -> Proxy | None:
    """Return the proxy that requests to `base` pass through, None for a direct connection.

    Plain http stays on this machine, so it has no proxy.
    """
    return proxy_of(base.scheme, base.host, base.port) if base.encrypted else None


def proxy_of(scheme: str, host: str, port: int) -> Proxy | None:
    """Return the proxy of a URL, None for a direct connection.

    HTTPS_PROXY or HTTP_PROXY comes before ALL_PROXY, NO_PROXY makes exceptions; macOS and Windows
    have settings of their own where no variable is set.
    """
    if not may_have_proxy(os.environ):
        return None
    from urllib.request import getproxies, proxy_bypass

    proxies = getproxies()
    name = next((name for name in (scheme, "all") if proxies.get(name)), None)
    if name is None or proxy_bypass(host) or proxy_bypass(f"{host}:{port}"):
        return None
    return Proxy.parse(proxies[name], f"{name.upper()}_PROXY")


def _unusable(source: str, reason: str) -> UsageError:
    return UsageError(f"the proxy in {source} {reason}", hint=PROXY_HINT)
