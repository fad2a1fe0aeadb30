"""How far the way to the service is open: proxy, name, connection, encryption."""

from __future__ import annotations

import socket
import ssl
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from time import monotonic
from typing import TYPE_CHECKING

from stepcli.api.endpoint import CONNECT_TIMEOUT
from stepcli.api.network import trusted_certificates
from stepcli.api.responses import read_object
from stepcli.api.retry import IDEMPOTENT
from stepcli.base_url import BaseURL
from stepcli.errors import NetworkError, StepcliError

if TYPE_CHECKING:
    from stepcli.api.client import Client


def look_up(base: BaseURL) -> list[str]:
    """Return the addresses of the host. Raise NetworkError if it has none."""
    try:
        found = socket.getaddrinfo(base.host, base.port, type=socket.SOCK_STREAM)
    except OSError as exc:
        raise NetworkError(
            f"no address for {base.host}: {exc.strerror}",
            hint="check your network, DNS and --base-url",
        ) from exc
    return sorted({str(address[0]) for *_, address in found})


def connect(base: BaseURL) -> tuple[float, str | None]:
    """Return the seconds that connecting takes, and the version of TLS, None without encryption.

    Raise NetworkError if the connection fails or the certificate is not trusted.
    """
    started = monotonic()
    try:
        with closing(socket.create_connection((base.host, base.port), CONNECT_TIMEOUT)) as plain:
            version = _encrypt(plain, base.host) if base.encrypted else None
    except ssl.SSLCertVerificationError as exc:
        raise NetworkError(
            f"the certificate of {base.host} is not trusted: {exc.verify_message}",
            hint="set the clock right; behind a company's proxy name its CA with SSL_CERT_FILE",
        ) from exc
    except OSError as exc:
        raise NetworkError(
            f"cannot connect to {base.host}:{base.port}: {exc.strerror or exc}",
            hint="check your network, firewall and --base-url",
        ) from exc
    return monotonic() - started, version


def _encrypt(plain: socket.socket, host: str) -> str | None:
    with trusted_certificates().wrap_socket(plain, server_hostname=host) as encrypted:
        return encrypted.version()


_KEY_IS_FINE = ("quota", "usage")


@dataclass(frozen=True, slots=True)
class KeyCheck:
    """How the service received the key.

    ``reservation`` is what it would not do all the same; ``first_byte`` is seconds from asking to
    the answer's head; ``skew`` is how many seconds this machine's clock is ahead of the service's.
    """

    first_byte: float
    reservation: StepcliError | None = None
    skew: float | None = None


def ask(client: Client) -> KeyCheck:
    """Show the key to the service.

    A plan key may not be allowed on the open base; the service says so with a 4xx that is not about
    the key (protocol.md §1), which proves the key as well as an answer does. Raises AuthError where
    it was refused, UsageError for a path that is not there, and what the network brings, which may
    be the page of somebody in between.
    """
    from stepcli.api.client import ApiRequest

    asked = monotonic()
    try:
        with client.open(
            ApiRequest("GET", f"{client.endpoint.open}/models", retry=IDEMPOTENT)
        ) as response:
            took = monotonic() - asked
            read_object(response, client.endpoint)
            return KeyCheck(took, skew=_skew(response.headers.get("date")))
    except StepcliError as exc:
        if exc.kind not in _KEY_IS_FINE or exc.status in (None, 404):
            raise
        return KeyCheck(monotonic() - asked, reservation=exc)


def _skew(date: str | None) -> float | None:
    try:
        told = parsedate_to_datetime(date or "")
        aware = told if told.tzinfo else told.replace(tzinfo=UTC)
        return (datetime.now(UTC) - aware).total_seconds()
    except (ValueError, OverflowError):
        return None
