"""The connection: certificates, proxies, base URLs and untrusted text."""

from __future__ import annotations

import json
import ssl
from collections.abc import Iterator
from pathlib import Path
from zlib import crc32

import pytest
import trustme

from stepcli.base_url import BaseURL
from stepcli.errors import UsageError
from tests.faults.matrix import BY_NAME, COMMANDS, WANTED, Cell
from tests.faults.matrix_run import run
from tests.faults.wire.answers import raw
from tests.faults.wire.fault import KEY, NETWORK, Fault
from tests.support.fake_service import (
    Answer,
    EndpointFault,
    FakeService,
    answer_of,
    fake_service,
    sse,
    tone,
    wav,
)
from tests.support.program import Program
from tests.support.raw_server import RawServer, http, raw_server
from tests.support.terminal import on_terminal

SPEAK = ("speak", "Hello there.", "-o", "x.mp3", "--retries", "0")
STREAM = ("stream", "One is here.", "-o", "x.wav", "--retries", "0")
BOTH = pytest.mark.parametrize("arguments", [SPEAK, STREAM], ids=["http", "websocket"])


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


def believing(authority: trustme.CA, *names: str) -> ssl.SSLContext:
    """A server with a certificate of the test authority for ``names``."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(*names).configure_cert(context)
    return context


@pytest.fixture(scope="module")
def encrypted(authority: trustme.CA) -> Iterator[FakeService]:
    with fake_service(believing(authority, "localhost")) as service:
        yield service


@pytest.fixture
def named(authority: trustme.CA, tmp_path: Path) -> str:
    """A file with the certificate of the test authority."""
    path = tmp_path / "authority.pem"
    authority.cert_pem.write_to_path(str(path))
    return str(path)


def program_for(base: str, home: Path) -> Program:
    return Program(home, {"STEPCLI_BASE_URL": base, "STEP_API_KEY": KEY})


@BOTH
def test_authority_in_ssl_cert_file_is_trusted(
    encrypted: FakeService, named: str, home: Path, arguments: tuple[str, ...]
) -> None:
    encrypted.reset()
    done = program_for(encrypted.base, home)(*arguments, SSL_CERT_FILE=named)
    assert done.code == 0, done.stderr
    assert KEY in encrypted.requests[0].head.decode()


@BOTH
def test_unknown_authority_is_not_trusted(
    encrypted: FakeService, home: Path, arguments: tuple[str, ...]
) -> None:
    """The key is not sent."""
    encrypted.reset()
    done = program_for(encrypted.base, home)(*arguments)
    assert done.code == 6
    assert "its TLS certificate cannot be verified" in done.stderr
    assert encrypted.requests == []


@BOTH
def test_certificate_for_another_name_is_refused(
    authority: trustme.CA, named: str, home: Path, arguments: tuple[str, ...]
) -> None:
    with fake_service(believing(authority, "elsewhere.example")) as service:
        done = program_for(service.base, home)(*arguments, SSL_CERT_FILE=named)
        assert done.code == 6
        assert service.requests == []


@BOTH
@pytest.mark.parametrize("content", [None, "no certificate"])
def test_ssl_cert_file_without_certificates_is_a_usage_error(
    encrypted: FakeService, home: Path, arguments: tuple[str, ...], content: str | None
) -> None:
    encrypted.reset()
    path = home / "none.pem"
    if content:
        path.write_text(content)
    done = program_for(encrypted.base, home)(*arguments, SSL_CERT_FILE=str(path))
    assert done.code == 2
    assert "SSL_CERT_FILE" in done.stderr
    assert encrypted.requests == []


@pytest.fixture
def proxy() -> Iterator[RawServer]:
    """A proxy that refuses to connect."""
    refusal = http(b"no", kind="text/plain", status="403 Forbidden")
    with raw_server(refusal) as server:
        yield server


def proxies(server: RawServer) -> dict[str, str]:
    names = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY")
    return {each: server.origin for name in names for each in (name, name.lower())}


@pytest.mark.parametrize(
    "arguments",
    [SPEAK, STREAM, ("auth", "status"), ("doctor",)],
    ids=["http", "websocket", "auth", "doctor"],
)
def test_loopback_bypasses_the_proxy(
    proxy: RawServer, home: Path, arguments: tuple[str, ...]
) -> None:
    """The proxy would receive the key in plain text."""
    with fake_service() as service:
        done = program_for(service.base, home)(*arguments, **proxies(proxy))
    assert done.code == 0, done.stderr
    assert proxy.requests == []


@BOTH
def test_proxy_does_not_receive_the_key(
    encrypted: FakeService, proxy: RawServer, named: str, home: Path, arguments: tuple[str, ...]
) -> None:
    """A proxy that does not connect is a network error."""
    environ = {"SSL_CERT_FILE": named, **proxies(proxy)}
    done = program_for(encrypted.base, home)(*arguments, **environ)
    assert done.code == 6
    assert "the proxy failed" in done.stderr
    assert proxy.requests
    assert all(bytes(request).startswith(b"CONNECT localhost:") for request in proxy.requests)
    assert KEY.encode() not in b"".join(map(bytes, proxy.requests))


@BOTH
@pytest.mark.parametrize("address", ["socks5://127.0.0.1:9", "ftp://127.0.0.1", "http://a:b:c"])
def test_unusable_proxy_is_a_usage_error(
    encrypted: FakeService, home: Path, arguments: tuple[str, ...], address: str
) -> None:
    encrypted.reset()
    done = program_for(encrypted.base, home)(*arguments, HTTPS_PROXY=address)
    assert done.code == 2
    assert "prox" in done.stderr.lower()
    assert encrypted.requests == []


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1@evil.example/v1", "http://127.0.0.1:80@evil.example/v1",
        "http://localhost.evil.example/v1", "http://127.0.0.1.evil.example/v1",
        "http://[::ffff:8.8.8.8]/v1", "http://2130706433/v1", "http://0x7f.0.0.1/v1",
        "http://127.1/v1", "http://0.0.0.0/v1", "http://127。0。0。1/v1", "http://ⓛocalhost/v1",
        "http://evil.example\\@127.0.0.1/v1", "http://127.0.0.1\\.evil.example/v1",
        "http://evil.example#@127.0.0.1/v1", "http://evil.example?@127.0.0.1/v1",
        "http://local\thost/v1", "http://127.0.0.1\n/v1", " http://127.0.0.1/v1",
        "http:127.0.0.1/v1", "http:///v1", "ws://127.0.0.1/v1", "file:///etc/passwd",
        "https://a..b/v1", f"https://{'a' * 70}.example/v1", "https://exa mple/v1",
        "http://169.254.169.254/v1", "http://localhost%2eevil.example/v1", "https://\x1b[2J/v1",
    ],
)  # fmt: skip
def test_unsafe_base_urls_are_refused(url: str) -> None:
    with pytest.raises(UsageError):
        BaseURL.parse(url)


def test_base_url_that_imitates_loopback_is_refused(home: Path) -> None:
    done = program_for("http://127.0.0.1@evil.example/v1", home)(*SPEAK)
    assert done.code == 2
    assert done.stderr.count("stepcli: error: ") == 1


UNREACHABLE = ("refused", "no-such-name", "not-encrypted", "not-trusted")
ROADS = [
    (command.name, kind)
    for command in COMMANDS
    for kind in UNREACHABLE
    if WANTED != "share" or crc32(f"{command.name}{kind}".encode()) % 4 == 0
]


@pytest.mark.parametrize(("name", "kind"), ROADS)
def test_unreachable_service_is_the_same_error_in_every_command(
    encrypted: FakeService, tmp_path: Path, name: str, kind: str
) -> None:
    with fake_service() as plain:
        bases = {
            "refused": "http://127.0.0.1:9/step_plan/v1",
            "no-such-name": "https://no-such-host.invalid/step_plan/v1",
            "not-encrypted": plain.base.replace("http:", "https:"),
            "not-trusted": encrypted.base,
        }
        command = BY_NAME[name]
        fault = Fault(kind, NETWORK, base=bases[kind])
        output = command.outputs[crc32(kind.encode()) % len(command.outputs)]
        root = tmp_path / "cell"
        root.mkdir()
        assert run(Cell(command, fault, output), plain, root) == []


ESCAPES = "\x1b]0;owned\x07\x1b[2J\x9b31m\u202eevil"


@pytest.mark.parametrize(
    ("arguments", "endpoint", "answer"),
    [
        (("voices", "list", "--cloned"), "voices", {"data": [{"id": f"v{ESCAPES}"}]}),
        (("voices", "list", "--official"), "system_voices",
         {"voices": ["v"], "voices-details": {"v": {"voice-name": ESCAPES}}}),
        (("voices", "clone", "file-1", "--yes"), "clone", {"id": f"v{ESCAPES}"}),
        (("voices", "clone", "file-1", "--yes", "--json"), "clone", {"id": f"v{ESCAPES}"}),
        (("voices", "list", "--json"), "voices", {"data": [{"id": f"v{ESCAPES}"}]}),
        (("auth", "status"), "models", {"error": {"message": ESCAPES}}),
    ],
)  # fmt: skip
def test_control_characters_in_names_are_escaped(
    home: Path, arguments: tuple[str, ...], endpoint: str, answer: dict[str, object]
) -> None:
    """On stdout as well."""
    body = {} if endpoint == "models" else answer_of(endpoint)
    reported = Answer(json.dumps({**body, **answer}).encode())
    _assert_harmless(_seen(home, arguments, EndpointFault(endpoint, raw(reported.whole))))


@pytest.mark.parametrize("text", [f"before {ESCAPES} after", "\x1bc", "\r\x1b[1A[sudo] password:"])
def test_control_characters_in_transcripts_are_escaped(home: Path, text: str) -> None:
    """On a terminal, also in live words."""
    (home / "a.wav").write_bytes(wav(tone(0.4)))
    events = sse(
        {"type": "transcript.text.delta", "delta": text},
        {"type": "transcript.text.done", "text": text},
    )
    fault = EndpointFault("asr", raw(Answer(events, "text/event-stream").whole))
    seen = _seen(home, ("transcribe", "a.wav", "-l", "en"), fault)
    _assert_harmless(seen)
    assert "\\x1b" in seen


def test_messages_cannot_forge_a_line(home: Path) -> None:
    reported = Answer(json.dumps({"error": {"message": f"{ESCAPES}\nhint: x"}}).encode())
    whole = reported.whole.replace(b"200 OK", b"400 Bad").replace(b"trace-1", b"t\x1b[2J")
    seen = _seen(home, SPEAK, EndpointFault("speech", raw(whole)))
    _assert_harmless(seen)
    assert "\nhint: x" not in seen.replace("\r", "")


def _seen(home: Path, arguments: tuple[str, ...], fault: EndpointFault) -> str:
    """Return what both streams send to a terminal."""
    with fake_service() as service:
        service.reset(fault)
        with on_terminal(program_for(service.base, home), *arguments) as screen:
            return screen.finish().stderr


def _assert_harmless(seen: str) -> None:
    """Assert that none of the escape sequences remain."""
    for harm in ("\x1b]", "\x07", "\x1b[2J", "\x9b", "\u202e", "\x1bc"):
        assert harm not in seen
