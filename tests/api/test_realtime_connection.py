"""Opening and losing a realtime session: each failure has its error, and none leaks the key."""

from __future__ import annotations

import json
import socket
import ssl
import threading
import tracemalloc
from base64 import encodebytes
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

import pytest
from websockets.exceptions import ConnectionClosed, InvalidProxy, InvalidURI
from websockets.sync.server import ServerConnection, serve

from stepcli.api import realtime_connection, service_errors, transport_errors
from stepcli.api.endpoint import Endpoint
from stepcli.api.realtime import AudioReceived, Connected, Event, SessionFinished, StreamRequest
from stepcli.api.realtime_connection import RealtimeConnection, open_session
from stepcli.api.service_errors import ErrorDetails, SessionLost
from stepcli.api.speech import SpeechRequest
from stepcli.base_url import BaseURL
from stepcli.errors import (
    AuthError,
    ContentError,
    NetworkError,
    OutOfCreditError,
    QuotaError,
    ServiceTimeoutError,
    StepcliError,
    UsageError,
)
from stepcli.redaction import register_secret
from tests.support.raw_server import Request, handshake_response, http, raw_server

REQUEST = StreamRequest(SpeechRequest(text=""))
KEY = "key-that-nobody-may-see"
register_secret(KEY)


def service_at(base: str, timeout: float = 5.0) -> Endpoint:
    return Endpoint(BaseURL.parse(base), KEY, timeout=timeout)


@contextmanager
def serving(behave: Callable[[ServerConnection], None]) -> Iterator[Endpoint]:
    """A service that greets, creates, and then does as ``behave`` says."""

    def handle(connection: ServerConnection) -> None:
        _send(connection, "tts.connection.done")
        connection.recv()
        _send(connection, "tts.response.created")
        behave(connection)

    with serve(handle, "127.0.0.1", 0, close_timeout=0.1) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            port = server.socket.getsockname()[1]
            yield service_at(f"http://127.0.0.1:{port}/step_plan/v1")
        finally:
            server.shutdown()
            thread.join()


def _send(connection: ServerConnection, kind: str, **data: object) -> None:
    connection.send(json.dumps({"type": kind, "data": {"session_id": "s-1", **data}}))


def next_event(session: RealtimeConnection) -> Event:
    while (event := session.receive(0.2)) is None:
        pass
    return event


def test_a_session_from_greeting_to_end() -> None:
    received: list[dict[str, object]] = []

    def behave(connection: ServerConnection) -> None:
        for _ in range(3):
            received.append(json.loads(connection.recv()))
        _send(connection, "tts.response.audio.delta", audio="YWI=", duration=0.5)
        _send(connection, "tts.response.audio.done")

    with serving(behave) as service, open_session(service, REQUEST) as session:
        assert session.session_id == "s-1"
        assert session.receive(0.01) is None
        session.say("你好")
        session.flush()
        session.done()
        assert next_event(session) == AudioReceived(b"ab")
        assert next_event(session) == SessionFinished(b"")
        with pytest.raises(SessionLost):
            next_event(session)
    assert [one["type"] for one in received] == [
        "tts.text.delta",
        "tts.text.flush",
        "tts.text.done",
    ]


@pytest.mark.parametrize("ended", [True, False])
def test_frame_too_large_to_be_read_is_the_last_event_of_a_text(
    monkeypatch: pytest.MonkeyPatch, ended: bool
) -> None:
    """It repeats the audio of hours; before the end of the text it is a loss."""
    monkeypatch.setattr(realtime_connection, "LARGEST_FRAME", 5000)

    def behave(connection: ServerConnection) -> None:
        connection.recv()
        _send(connection, "tts.response.audio.delta", audio="YWI=")
        _send(connection, "tts.response.audio.done", audio="YWI=" * 5000)
        with suppress(ConnectionClosed):
            connection.recv()

    with serving(behave) as service, open_session(service, REQUEST) as session:
        session.done() if ended else session.say("One.")
        assert next_event(session) == AudioReceived(b"ab")
        if ended:
            assert next_event(session) == SessionFinished(b"")
        else:
            with pytest.raises(SessionLost):
                next_event(session)


@pytest.mark.parametrize("size", [60_000_000, 200_000_000])
def test_last_frame_of_any_size_ends_the_session_in_flat_memory(size: int) -> None:
    """It is announced whole; the session ends as soon as its beginning is there."""
    head = b'{"type":"tts.response.audio.done","data":{"session_id":"s-1","audio":"'

    def behave(connection: ServerConnection) -> None:
        connection.recv()
        _send(connection, "tts.response.audio.delta", audio="AAAA" * 1000)
        connection.socket.sendall(b"\x81\x7f" + size.to_bytes(8, "big") + head)
        with suppress(OSError):
            for _ in range(size // 65536):
                connection.socket.sendall(b"A" * 65536)

    with serving(behave) as service, open_session(service, REQUEST) as session:
        session.done()
        assert isinstance(next_event(session), AudioReceived)
        tracemalloc.start()
        try:
            assert next_event(session) == SessionFinished(b"")
            assert tracemalloc.get_traced_memory()[1] < 5_000_000
        finally:
            tracemalloc.stop()


def test_what_is_sent_into_a_lost_session_is_a_loss() -> None:
    with serving(lambda connection: connection.close(1001)) as service:
        session = RealtimeConnection(service, REQUEST)
        session.begin()
        with pytest.raises(SessionLost) as caught:
            next_event(session)
        assert "(1001)" in caught.value.failure.message
        assert caught.value.failure.trace_id == "s-1"
        with pytest.raises(SessionLost):
            session.say("x")
        session.close()


def test_closing_waits_neither_for_a_deaf_peer_nor_for_a_stuck_sender() -> None:
    """A peer that reads nothing more: the sender is freed, no thread stays behind."""
    release = threading.Event()

    def behave(connection: ServerConnection) -> None:
        connection.recv_flow_control.acquire()
        release.wait(20)
        connection.recv_flow_control.release()

    with serving(behave) as service:
        session = RealtimeConnection(service, REQUEST)
        session.begin()
        sender = threading.Thread(target=_say_until_lost, args=(session,))
        sender.start()
        sender.join(1)
        closer = threading.Thread(target=session.close)
        closer.start()
        closer.join(5)
        sender.join(5)
        stuck = closer.is_alive() or sender.is_alive()
        release.set()
        assert not stuck


def _say_until_lost(session: RealtimeConnection) -> None:
    with suppress(SessionLost):
        while True:
            session.say("x" * 1000)


@pytest.mark.parametrize(
    ("status", "again"),
    [("401 No", False), ("403 No", False), ("404 No", False), ("429 No", True), ("503 No", True)],
)
def test_an_answer_that_is_no_websocket(status: str, again: bool) -> None:
    """The status decides; a key that a server repeats is masked."""
    body = json.dumps({"error": {"message": f"no {KEY} here", "type": "x"}}).encode()
    answer = http(body, kind="application/json", status=status)
    with (
        raw_server(answer) as server,
        pytest.raises(SessionLost if again else StepcliError) as caught,
    ):
        RealtimeConnection(service_at(server.base), REQUEST)
    failure = caught.value.failure if isinstance(caught.value, SessionLost) else caught.value
    assert isinstance(failure, StepcliError)
    assert failure.status == int(status[:3])
    assert "no *** here" in failure.message


def test_how_long_to_wait_is_heard() -> None:
    answer = b"HTTP/1.1 429 Slow\r\nRetry-After: 7\r\nContent-Length: 0\r\n\r\n"
    with raw_server(answer) as server, pytest.raises(SessionLost) as caught:
        RealtimeConnection(service_at(server.base), REQUEST)
    assert caught.value.after == 7


def test_a_redirect_is_not_followed() -> None:
    with raw_server(b"") as other:
        answer = f"HTTP/1.1 302 Found\r\nLocation: {other.base}\r\nContent-Length: 0\r\n\r\n"
        with (
            raw_server(answer.encode()) as server,
            pytest.raises(NetworkError, match="redirect"),
        ):
            RealtimeConnection(service_at(server.base), REQUEST)
        assert other.requests == []


def test_a_server_that_hangs_up_may_be_asked_again() -> None:
    with raw_server(b"") as server, pytest.raises(SessionLost):
        RealtimeConnection(service_at(server.base), REQUEST)


def test_nobody_at_the_address_may_be_asked_again() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with pytest.raises(SessionLost) as caught:
        RealtimeConnection(service_at(f"http://127.0.0.1:{port}/v1"), REQUEST)
    assert "cannot reach" in caught.value.failure.message


def test_a_session_that_is_never_created_is_a_timeout() -> None:
    def handle(connection: ServerConnection) -> None:
        _send(connection, "tts.connection.done")
        connection.recv()
        connection.recv()

    with serve(handle, "127.0.0.1", 0) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        base = f"http://127.0.0.1:{server.socket.getsockname()[1]}/v1"
        with (
            pytest.raises(ServiceTimeoutError) as caught,
            open_session(service_at(base, 0.1), REQUEST),
        ):
            pass
        server.shutdown()
        thread.join()
    assert caught.value.trace_id == "s-1"


@pytest.mark.parametrize(
    ("error", "kind", "said"),
    [
        (TimeoutError(), SessionLost, "in time"),
        (ssl.SSLCertVerificationError("x"), NetworkError, "certificate"),
        (
            socket.gaierror(-2, "Name or service not known"),
            SessionLost,
            "Name or service not known",
        ),
        (InvalidProxy("p", "x"), UsageError, "the proxy cannot be used"),
        (ImportError("python-socks"), UsageError, "SOCKS proxies"),
        (InvalidURI("u", "x"), NetworkError, "failed"),
    ],
)
def test_every_way_not_to_open_has_a_sentence(
    error: Exception, kind: type[Exception], said: str
) -> None:
    failure = transport_errors.error_for_handshake(error, service_at("http://127.0.0.1/v1"))
    assert isinstance(failure, kind)
    assert said in str(failure)


@pytest.mark.parametrize(
    ("code", "kind", "again"),
    [
        ("503", NetworkError, True),
        ("429", QuotaError, True),
        ("service_overloaded", NetworkError, True),
        ("request_params_invalid", UsageError, False),
        ("censorship_block", ContentError, False),
        ("authentication_error", AuthError, False),
        ("insufficient_balance", OutOfCreditError, False),
        ("something_new", NetworkError, False),
    ],
)
def test_every_code_of_an_error_event_has_its_kind(
    code: str, kind: type[StepcliError], again: bool
) -> None:
    """Numbers mean what they say, words what their parts do; the unknown is not repeated."""
    told = ErrorDetails(f"no {KEY} here", frozenset({code}))
    event = service_errors.error_for_realtime_event(told, "s-1", service_at("http://127.0.0.1/v1"))
    assert isinstance(event, SessionLost) is again
    failure = event.failure if isinstance(event, SessionLost) else event
    assert type(failure) is kind
    assert failure.trace_id == "s-1"
    assert f"({code}): no *** here" in failure.message


@pytest.mark.parametrize(
    "audio",
    [b'{"error": "quota"}', b"<html><body>502 Bad Gateway</body></html>"],
    ids=["json", "html"],
)
@pytest.mark.parametrize("before", [b"", bytes(1000)], ids=["first", "later"])
def test_delta_that_is_not_audio_is_an_error(audio: bytes, before: bytes) -> None:
    def behave(connection: ServerConnection) -> None:
        for data in filter(None, (before, audio * 5)):
            encoded = encodebytes(data).decode()  # with line breaks
            _send(connection, "tts.response.audio.delta", audio=encoded)

    with serving(behave) as service, open_session(service, REQUEST) as session:
        if before:
            assert next_event(session) == AudioReceived(before)
        with pytest.raises(NetworkError, match="invalid audio") as caught:
            next_event(session)
        assert caught.value.trace_id == "s-1"


@pytest.mark.parametrize("size", [1, 3, 10_000])
def test_frames_may_arrive_with_the_handshake_and_in_any_pieces(size: int) -> None:
    """The end of the handshake is found wherever it is cut."""
    greeting = json.dumps({"type": "tts.connection.done", "data": {"session_id": "s-1"}}).encode()
    last = b'{"type":"tts.response.audio.done","data":{}}'

    def behave(connection: socket.socket, request: Request) -> None:
        data = handshake_response(request)
        data += b"".join(bytes([0x81, len(message)]) + message for message in (greeting, last))
        for start in range(0, len(data), size):
            connection.sendall(data[start : start + size])
        connection.recv(1)

    with raw_server(behave) as server:
        session = RealtimeConnection(service_at(server.base), REQUEST)
        assert next_event(session) == Connected()
        assert session.session_id == "s-1"
        assert next_event(session) == SessionFinished(b"")
        session.close()


@pytest.mark.parametrize("byte", [b"H", b"HTTP/1.1 101 Switching Protocols\r\n", b""])
def test_handshake_that_dribbles_ends_at_the_timeout(byte: bytes) -> None:
    def behave(connection: socket.socket, _: Request) -> None:
        connection.sendall(byte)
        while True:
            connection.sendall(b"X: y\r\n" if byte else b"")
            threading.Event().wait(0.02)
            if not byte and not connection.recv(100):
                return

    with raw_server(behave) as server, pytest.raises(SessionLost) as caught:
        RealtimeConnection(service_at(server.base, 0.3), REQUEST)
    assert isinstance(caught.value.failure, ServiceTimeoutError | NetworkError)


def connect_request(monkeypatch: pytest.MonkeyPatch, setting: str) -> bytes:
    """What a proxy receives when `setting` names it, HOST:PORT in place of `{}`."""
    refusal = http(b"no", kind="text/plain", status="403 Forbidden")
    for name in ("HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy", "NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    with raw_server(refusal) as server:
        name, _, value = setting.format(f"{server.host}:{server.port}").partition("=")
        monkeypatch.setenv(name, value)
        with pytest.raises(NetworkError, match="the proxy failed") as caught:
            RealtimeConnection(service_at("https://service.example/v1"), REQUEST)
        assert "horse-battery" not in str(caught.value)
        return bytes(server.requests[0])


@pytest.mark.parametrize(
    "setting",
    ["HTTPS_PROXY=http://{}", "HTTPS_PROXY={}", "ALL_PROXY=http://{}", "all_proxy={}",
     "ALL_PROXY=http://me:horse-battery@{}", "HTTPS_PROXY=me:horse-battery@{}"],
)  # fmt: skip
def test_proxy_settings_are_those_of_http(monkeypatch: pytest.MonkeyPatch, setting: str) -> None:
    request = connect_request(monkeypatch, setting)
    assert request.startswith(b"CONNECT service.example:443 ")
    assert (b"Proxy-Authorization: Basic" in request) is ("horse-battery" in setting)
    assert KEY.encode() not in request
