"""A service that accepts some requests at a time, and takes as long as their text is."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

_REFUSAL = {"error": {"message": "request limited concurrency reached", "type": "rate_limited"}}
_SAMPLES = 100
"""Samples of sound for each character."""


class LimitedService(ThreadingHTTPServer):
    """Answers speech requests; `scale` is the seconds for 1,000 characters.

    `limits` are the requests accepted at a time from a number of served requests on: `{0: 12,
    20: 3}` accepts 12, and 3 once 20 were served. `served` and `refused` count requests; `ideal` is
    how many seconds the served ones would take if the limit was always reached.
    """

    daemon_threads = True
    request_queue_size = 64

    def __init__(self, limits: Mapping[int, int], scale: float) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.limits, self.scale = limits, scale
        self.environ = {
            "STEPCLI_BASE_URL": f"http://127.0.0.1:{self.server_address[1]}/step_plan/v1",
            "STEP_API_KEY": "bench",
        }
        self._turn = threading.Lock()
        self._active = 0
        self.reset()

    @classmethod
    @contextmanager
    def running(cls, limits: Mapping[int, int], scale: float) -> Iterator[LimitedService]:
        """Yield a service that ends with the block."""
        with cls(limits, scale) as service:
            threading.Thread(target=service.serve_forever, daemon=True).start()
            try:
                yield service
            finally:
                service.shutdown()

    def reset(self) -> None:
        self.served = self.refused = 0
        self.ideal = 0.0

    @property
    def limit(self) -> int:
        return self.limits[max(since for since in self.limits if since <= self.served)]

    def enter(self, text: str) -> bool:
        """Return whether a request for `text` is accepted, after the time that it takes."""
        seconds = self.scale * len(text) / 1000
        with self._turn:
            if self._active >= self.limit:
                self.refused += 1
                return False
            self._active += 1
            self.ideal += seconds / self.limit
            self.served += 1
        time.sleep(seconds)
        return True

    def leave(self) -> None:
        with self._turn:
            self._active -= 1


class _Handler(BaseHTTPRequestHandler):
    server: LimitedService
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        text = json.loads(self.rfile.read(int(self.headers["Content-Length"])))["input"]
        if not self.server.enter(text):
            return self._answer(429, "application/json", json.dumps(_REFUSAL).encode())
        self.server.leave()  # the client may send its next request once it has the answer
        return self._answer(200, "audio/pcm", bytes(2 * _SAMPLES * len(text)))

    def _answer(self, status: int, kind: str, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Print nothing."""
