"""Checks of the connection to the service and of the API key, for `auth status` and `doctor`."""

from __future__ import annotations

import socket
import ssl
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from time import monotonic
from typing import TYPE_CHECKING

from stepcli.api.certificates import trusted_certificates
from stepcli.api.hints import CERTIFICATE_HINT
from stepcli.api.responses import read_object
from stepcli.api.retry import IDEMPOTENT, http_date
from stepcli.base_url import BaseURL
from stepcli.errors import NetworkError, StepcliError, UsageError
from stepcli.settings import CONNECT_TIMEOUT

if TYPE_CHECKING:
    from stepcli.api.client import Client

NOT_FOUND = 404


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
            hint=CERTIFICATE_HINT,
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


_KEY_ACCEPTED = ("quota", "usage")
"""The kinds of error that the service returns only after it has accepted the key."""


@dataclass(frozen=True, slots=True)
class KeyCheck:
    """The answer to a request that only checks the key.

    `first_byte` is the seconds from the request to the head of the response. `reservation` is the
    error if the service accepted the key but refused the request. `skew` is how many seconds this
    machine's clock is ahead of the service's.
    """

    first_byte: float
    reservation: StepcliError | None = None
    skew: float | None = None


def check_key(client: Client) -> KeyCheck:
    """Check the key by listing the models, which is free.

    The plan base is asked first, because the open base may refuse the key of a Step Plan; the open
    base is asked if the plan base does not route the request. Raise AuthError if the key is
    refused, UsageError if neither base routes the request, and NetworkError or ServiceTimeoutError
    if there is no valid answer.
    """
    plan, open_base = client.endpoint.plan, client.endpoint.open
    try:
        return _list_models(client, plan)
    except UsageError as exc:
        if exc.status != NOT_FOUND or open_base == plan:
            raise
    return _list_models(client, open_base)


def _list_models(client: Client, base: BaseURL) -> KeyCheck:
    from stepcli.api.client import ApiRequest

    started = monotonic()
    try:
        with client.open(ApiRequest("GET", base.url("models"), retry=IDEMPOTENT)) as response:
            first_byte = monotonic() - started
            read_object(response, client.endpoint)
            return KeyCheck(first_byte, skew=_skew(response.headers.get("date")))
    except StepcliError as exc:
        if exc.kind not in _KEY_ACCEPTED or exc.status in (None, NOT_FOUND):
            raise
        return KeyCheck(monotonic() - started, reservation=exc)


def _skew(date: str | None) -> float | None:
    sent = http_date(date)
    return None if sent is None else (datetime.now(UTC) - sent).total_seconds()
