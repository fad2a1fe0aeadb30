"""``stream.py HOST:PORT KEY TEXT OUTPUT``: streaming speech as PCM with hand-made frames."""

import json
import os
import socket
import sys
from base64 import b64decode, b64encode
from collections.abc import Iterator
from typing import Any, BinaryIO

TEXT, CLOSE, MASKED = 0x81, 0x88, 0x80


def frames(answer: BinaryIO) -> Iterator[dict[str, Any]]:
    """Yield the messages until the peer closes."""
    while (head := answer.read(2)) and head[0] == TEXT:
        size = head[1]
        if size >= 126:
            size = int.from_bytes(answer.read(2 if size == 126 else 8))
        yield json.loads(answer.read(size))


def send(connection: socket.socket, kind: str, **data: str) -> None:
    """Send a short message with a zero mask."""
    payload = json.dumps({"type": kind, "data": data}).encode()
    size = len(payload)
    head = bytes(
        [TEXT, MASKED | size] if size < 126 else [TEXT, MASKED | 126, size >> 8, size % 256]
    )
    connection.sendall(head + bytes(4) + payload)


def main() -> None:
    address, key, text, output = sys.argv[1:]
    host, _, port = address.partition(":")
    with socket.create_connection((host, int(port))) as connection:
        nonce = b64encode(os.urandom(16)).decode()
        connection.sendall(
            f"GET /step_plan/v1/realtime/audio?model=stepaudio-2.5-tts HTTP/1.1\r\n"
            f"Host: {address}\r\nAuthorization: Bearer {key}\r\nConnection: Upgrade\r\n"
            f"Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
            f"Sec-WebSocket-Key: {nonce}\r\n\r\n".encode()
        )
        answer = connection.makefile("rb")
        assert answer.readline().split()[1] == b"101"
        while answer.readline() != b"\r\n":
            pass
        file = sys.stdout.buffer if output == "-" else open(output, "wb")  # noqa: SIM115, PTH123
        for frame in frames(answer):
            data = frame["data"]
            match frame["type"]:
                case "tts.connection.done":
                    session = data["session_id"]
                    manner = {"voice_id": "lively-girl", "response_format": "pcm"}
                    send(connection, "tts.create", session_id=session, **manner)
                case "tts.response.created":
                    send(connection, "tts.text.delta", session_id=session, text=text)
                    send(connection, "tts.text.done", session_id=session)
                case "tts.response.audio.delta":
                    file.write(b64decode(data["audio"]))
                    file.flush()
                case "tts.response.audio.done":
                    break
        connection.sendall(bytes([CLOSE, MASKED, 0, 0, 0, 0]))


main()
