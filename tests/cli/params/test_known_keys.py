"""Unknown keys of the config file, and the generated list of known ones."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from stepcli.cli.params.known_keys import nearest_key, unknown_keys
from tests.support.in_process import InProcess


@pytest.mark.parametrize(
    ("config", "names"),
    [
        ({"langauge": "en"}, ["'langauge'; did you mean language?"]),
        ({"speak": {"sped": 1}}, ["'speak.sped'; did you mean speak.speed?"]),
        ({"speak": {"language": "en"}}, ["'speak.language'; did you mean language?"]),
        ({"colour": True}, ["'colour'; the --help of a command"]),
        ({"voice": "x", "sample_rate": 8000, "no-itn": True}, []),
        ({"voices": {"preview": {"say": "Hi"}}, "aliases": {"me": "x"}}, []),
    ],
)
def test_unknown_keys_are_named_with_the_nearest(config: dict[str, Any], names: list[str]) -> None:
    found = list(unknown_keys(config))
    assert len(found) == len(names)
    assert all(name in sentence for name, sentence in zip(names, found, strict=True))


def test_key_of_another_command_is_near() -> None:
    assert "did you mean transcribe.hotword?" in nearest_key(
        "transcribe.hotwrod", {"hotword", "transcribe.hotword", "speak.speed"}
    )


def test_unknown_key_is_a_warning_of_each_command(tmp_path: Path) -> None:
    (tmp_path / "c.toml").write_text('[speak]\nvoise = "x"\n')
    (tmp_path / "c.toml").chmod(0o600)
    stepcli = InProcess(tmp_path, {"STEPCLI_CONFIG": str(tmp_path / "c.toml")})
    for command in (("speak", "Hi", "--dry-run"), ("config", "list")):
        done = stepcli(*command)
        assert done.code == 0
        assert "stepcli: warning: unknown setting 'speak.voise'; did you mean" in done.stderr
    assert "warning" not in stepcli("speak", "Hi", "--dry-run", "-q").stderr
