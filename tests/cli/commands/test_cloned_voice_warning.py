"""The warning that a model replaces cloned voices, in every command that speaks."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.program import Program

CLONED = "voice-tone-1"


@pytest.mark.parametrize(
    "command",
    [
        ("speak", "Hi", "--dry-run"),
        ("speak", "Hi", "-o", "x.mp3"),
        ("speak", "--batch", "lines.txt", "--output-dir", "out", "--dry-run"),
        ("stream", "Hi", "-o", "x.wav"),
        ("voices", "preview", CLONED, "-o", "x.wav"),
    ],
    ids=["dry-run", "speak", "batch", "stream", "preview"],
)
def test_replaced_voice_is_a_warning(
    command: tuple[str, ...], offline: Program, home: Path
) -> None:
    (home / "lines.txt").write_text("One\nTwo\n")

    def warnings(voice: str, model: str) -> int:
        option = () if command[0] == "voices" else ("-v", voice)
        stderr = offline(*command, *option, "--model", model).stderr
        return stderr.count(f"the service uses an official voice instead of {CLONED}")

    offline("config", "set", "aliases.me", CLONED)
    assert warnings(CLONED, "stepaudio-3-tts") == 1
    assert warnings(CLONED, "stepaudio-2.5-tts") == 0
    if command[0] != "voices":
        assert warnings("me", "stepaudio-3-tts") == 1
        assert warnings("lively-girl", "stepaudio-3-tts") == 0


def test_each_voice_of_a_batch_is_reported_once(offline: Program, home: Path) -> None:
    lines = (f'{{"text": "Hi", "voice": "voice-tone-{number % 2}"}}\n' for number in range(4))
    (home / "lines.txt").write_text("".join(lines))
    options = ("--output-dir", "out", "--dry-run", "--model", "stepaudio-3-tts")
    stderr = offline("speak", "--batch", "lines.txt", *options).stderr
    assert stderr.count("instead of voice-tone-0") == 1
    assert stderr.count("instead of voice-tone-1") == 1
