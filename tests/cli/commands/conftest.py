"""Recordings for the tests of commands."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.microphones import Microphone, a_microphone
from tests.support.program import Program
from tests.support.recordings import reading, write_long, write_wav
from tests.support.voice_samples import write_new_sample


@pytest.fixture
def sample(home: Path) -> Path:
    """A voice sample."""
    return write_new_sample(home / "mum.wav")


@pytest.fixture
def words(home: Path) -> Path:
    """A recording of two sentences."""
    return write_wav(home / "words.wav", reading("beckett")[: 2 * 16000 * 4])


@pytest.fixture
def microphone(tmp_path: Path) -> Iterator[Microphone]:
    with a_microphone(tmp_path / "alsa") as microphone:
        yield microphone


@pytest.fixture
def dictate(stepcli: Program, microphone: Microphone) -> Program:
    """The program with that microphone and an English locale."""
    return Program(
        stepcli.home, {**stepcli.environ, **microphone.environ, "STEPCLI_LANGUAGE": "en"}
    )


@pytest.fixture
def recordings(home: Path) -> Path:
    """Where recordings are."""
    return home / ".local/state/stepcli/recordings"


@pytest.fixture(scope="session")
def beckett(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_wav(tmp_path_factory.mktemp("readings") / "beckett.wav", reading("beckett"))


@pytest.fixture(scope="session")
def long(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Eight readings, 92 seconds."""
    path = tmp_path_factory.mktemp("readings") / "long.wav"
    assert len(write_long(path, ["beckett"], 90)) == 8
    return path
