"""``speech.py HOST:PORT KEY TEXT OUTPUT``: one sentence into a file, ``-`` for stdout."""

import json
import socket
import sys

address, key, text, output = sys.argv[1:]
host, _, port = address.partition(":")
asked = {"model": "stepaudio-2.5-tts", "input": text, "voice": "lively-girl"}
body = json.dumps(asked | {"response_format": "mp3"}).encode()
head = (
    f"POST /step_plan/v1/audio/speech HTTP/1.1\r\nHost: {address}\r\n"
    f"Authorization: Bearer {key}\r\nContent-Type: application/json\r\n"
    f"Content-Length: {len(body)}\r\n\r\n"
)
with socket.create_connection((host, int(port))) as connection:
    connection.sendall(head.encode() + body)
    answer = connection.makefile("rb")
    assert answer.readline().split()[1] == b"200"
    left = 0
    while (line := answer.readline()) != b"\r\n":
        if line.lower().startswith(b"content-length:"):
            left = int(line[15:])
    file = sys.stdout.buffer if output == "-" else open(output, "wb")  # noqa: SIM115, PTH123
    while left:
        block = answer.read1(min(left, 65536))
        left -= len(block)
        file.write(block)
        file.flush()
