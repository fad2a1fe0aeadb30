"""One policy for proxies and certificates, whichever library makes the connection."""

from __future__ import annotations

import ssl
from pathlib import Path

import pytest
import trustme

from stepcli.api import network
from stepcli.api.network import Proxy, no_certificates, proxy_for, trusted_certificates
from stepcli.base_url import BaseURL
from stepcli.errors import UsageError
from stepcli.redaction import redact

BASE = BaseURL.parse("https://api.stepfun.ai/step_plan/v1")
VARIABLES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY", "WSS_PROXY", "SOCKS_PROXY")


@pytest.fixture(autouse=True)
def no_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)


@pytest.mark.parametrize(
    ("environ", "url"),
    [
        ({}, None),
        ({"HTTPS_PROXY": "http://proxy:8080"}, "http://proxy:8080"),
        ({"https_proxy": "proxy:8080"}, "http://proxy:8080"),
        ({"HTTPS_PROXY": "proxy"}, "http://proxy:80"),
        ({"ALL_PROXY": "https://proxy"}, "https://proxy:443"),
        ({"ALL_PROXY": "http://a:1", "HTTPS_PROXY": "http://b:2"}, "http://b:2"),
        ({"HTTPS_PROXY": "HTTP://Proxy:8080/"}, "http://proxy:8080"),
        ({"HTTPS_PROXY": "http://[::1]:8080"}, "http://[::1]:8080"),
        ({"ALL_PROXY": "socks5h://proxy"}, "socks5h://proxy:1080"),
        ({"HTTPS_PROXY": "http://me:p%40ss@proxy:1"}, "http://me:p%40ss@proxy:1"),
        ({"HTTPS_PROXY": "http://me@proxy:1"}, "http://me:@proxy:1"),
        ({"HTTP_PROXY": "http://proxy:1"}, None),
        ({"ALL_PROXY": "proxy:1", "NO_PROXY": "stepfun.ai"}, None),
        ({"ALL_PROXY": "proxy:1", "NO_PROXY": ".stepfun.ai"}, None),
        ({"ALL_PROXY": "proxy:1", "NO_PROXY": "api.stepfun.ai:443"}, None),
        ({"ALL_PROXY": "proxy:1", "NO_PROXY": "*"}, None),
        ({"ALL_PROXY": "proxy:1", "NO_PROXY": "elsewhere.example"}, "http://proxy:1"),
    ],
)
def test_proxy_settings(
    monkeypatch: pytest.MonkeyPatch, environ: dict[str, str], url: str | None
) -> None:
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    proxy = proxy_for(BASE)
    assert (proxy.url if proxy else None) == url


def test_plain_http_has_no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALL_PROXY", "http://proxy:8080")
    assert proxy_for(BaseURL.parse("http://localhost:1/v1")) is None


@pytest.mark.parametrize(
    "text",
    [
        "ftp://me:secret-pass@h", "http://me:secret-pass@h:x", "http://me:secret-pass@",
        "http://me:secret-pass@h/path", "http://me:secret-pass@h:99999", "socks4://me:secret-pass@h",
    ],
)  # fmt: skip
def test_unusable_proxy_is_refused_without_repeating_it(text: str) -> None:
    with pytest.raises(UsageError) as caught:
        Proxy.parse(text, "HTTPS_PROXY")
    assert "HTTPS_PROXY" in caught.value.message
    assert "secret-pass" not in caught.value.message


def test_credentials_of_a_proxy_are_secret() -> None:
    proxy = Proxy.parse("http://me:horse-battery@proxy:1", "HTTPS_PROXY")
    assert "horse-battery" not in repr(proxy) + str(proxy) + redact(proxy.url)


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
    package = Path(network.__file__).parents[1]
    off = ("CERT_NONE", "check_hostname = False", "verify=False", "_create_unverified_context")
    sources = {path: path.read_text(encoding="utf-8") for path in package.rglob("*.py")}
    assert [path for path, source in sources.items() if any(one in source for one in off)] == []
