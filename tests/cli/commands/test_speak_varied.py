"""``speak`` against a service that never answers twice alike."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

from tests.support.program import Program
from tests.support.service import Sandbox, sandbox

SEED = ("--seed", "7")
STORY = "".join(f"Sentence number {n} of this long story is not very long. " for n in range(210))
"""About 12,000 characters: at least twelve requests."""


def _speak(service: Sandbox, body: dict[str, Any]) -> bytes:
    """Request speech as the client did, without the client."""
    request = Request(f"{service.base}/audio/speech", json.dumps(body).encode(), method="POST")
    request.add_header("Authorization", f"Bearer {service.key}")
    request.add_header("Content-Type", "application/json")
    with urlopen(request, timeout=60) as response:
        audio: bytes = response.read()
    return audio


def test_every_part_of_twelve_comes_from_one_answer(home: Path) -> None:
    """Three answers are truncated: their parts are the second answer to the same request.

    A second sandbox with the same seed gives the same answers to the same requests.
    """
    with sandbox(*SEED, deterministic=False) as service:
        service.fault(
            "speech:2:cut,after=9000", "speech:6:cut,after=20001", "speech:11:cut,after=2"
        )
        stepcli = Program(home, dict(service.environ))
        (home / "story.txt").write_text(STORY)
        done = stepcli("speak", "-f", "story.txt", "-o", "story.raw", "--jobs", "1", "--speed", "2")
        assert done.code == 0, done.stderr
        bodies = [entry["body"] for entry in service.log("speech")]
    with sandbox(*SEED, deterministic=False) as service:
        answers = {body["input"]: _speak(service, body) for body in bodies}
    assert len(answers) == len(bodies) - 3 >= 12
    assert "".join(answers) == STORY
    assert (home / "story.raw").read_bytes() == b"".join(answers.values())
