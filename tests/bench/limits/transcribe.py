"""``transcribe.py HOST:PORT KEY BODY``: sends a ready-made request body, prints the last text."""

import json
import socket
import sys

address, key, path = sys.argv[1:]
host, _, port = address.partition(":")
with open(path, "rb") as file:  # noqa: PTH123
    data = file.read()
head = (
    f"POST /step_plan/v1/audio/asr/sse HTTP/1.1\r\nHost: {address}\r\n"
    f"Authorization: Bearer {key}\r\nContent-Type: application/json\r\n"
    f"Accept: text/event-stream\r\nContent-Length: {len(data)}\r\n\r\n"
)
with socket.create_connection((host, int(port))) as connection:
    connection.sendall(head.encode())
    connection.sendall(data)
    answer = connection.makefile("rb")
    assert answer.readline().split()[1] == b"200"
    for line in answer:
        if line.startswith(b"data:"):
            event = json.loads(line[5:])
            if event["type"] == "transcript.text.done":
                sys.stdout.write(event["text"] + "\n")
                break
