"""TLS contexts with the trusted certificates: one policy for HTTP, WebSocket and `doctor`.

The thread that connects early waits for the import of this module, so it imports little.
"""

from __future__ import annotations

import os
import ssl
import threading
from functools import cache

from stepcli.errors import UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping


def trusted_certificates(environ: Mapping[str, str] = os.environ) -> ssl.SSLContext:
    """Return the TLS context that verifies against SSL_CERT_FILE and SSL_CERT_DIR, else certifi.

    It is created once and shared by all connections. Raise UsageError if the variables name no
    certificates.
    """
    with _LOADING:
        return _certificates(environ.get("SSL_CERT_FILE"), environ.get("SSL_CERT_DIR"))


_LOADING = threading.Lock()


@cache
def _certificates(file: str | None, directory: str | None) -> ssl.SSLContext:
    if directory and not any(map(os.path.isdir, directory.split(os.pathsep))):
        raise UsageError(f"SSL_CERT_DIR is not a directory: {directory}")
    if not (file or directory):
        import certifi

        file = certifi.where()
    try:
        context = ssl.create_default_context(cafile=file or None, capath=directory or None)
    except OSError as exc:
        raise UsageError(f"SSL_CERT_FILE has no certificates: {file}") from exc
    context.set_alpn_protocols(["http/1.1"])
    return context


def no_certificates() -> ssl.SSLContext:
    """Return a TLS context without trusted certificates, for connections that are not encrypted."""
    return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
