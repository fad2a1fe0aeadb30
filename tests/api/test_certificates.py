"""Which certificates are trusted, and that they always are verified."""

from __future__ import annotations

import ssl
from pathlib import Path

import pytest
import trustme

from stepcli.api import certificates
from stepcli.api.certificates import no_certificates, trusted_certificates
from stepcli.errors import UsageError


def test_certificates_come_from_file_and_directory(tmp_path: Path) -> None:
    authority = trustme.CA()
    file = tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(str(file))
    context = trusted_certificates({"SSL_CERT_FILE": str(file), "SSL_CERT_DIR": str(tmp_path)})
    assert len(context.get_ca_certs()) == 1
    assert context.verify_mode is ssl.CERT_REQUIRED
    assert context.check_hostname


@pytest.mark.parametrize("name", ["SSL_CERT_FILE", "SSL_CERT_DIR"])
def test_missing_certificates_are_named(tmp_path: Path, name: str) -> None:
    with pytest.raises(UsageError, match=name):
        trusted_certificates({name: str(tmp_path / "missing")})


def test_verification_is_never_off() -> None:
    """Also without encryption: such a context trusts no certificate."""
    context = no_certificates()
    assert context.verify_mode is ssl.CERT_REQUIRED
    assert context.check_hostname
    assert context.get_ca_certs() == []


def test_no_code_can_turn_verification_off() -> None:
    package = Path(certificates.__file__).parents[1]
    off = ("CERT_NONE", "check_hostname = False", "verify=False", "_create_unverified_context")
    sources = {path: path.read_text(encoding="utf-8") for path in package.rglob("*.py")}
    assert [path for path, source in sources.items() if any(one in source for one in off)] == []
