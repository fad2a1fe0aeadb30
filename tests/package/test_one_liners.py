"""The README's one-liners that write or record, run literally on the oldest and newest Python.

Those that play audio are in ``tests/devices/test_readme.py``.
"""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest
import soundfile

from tests.package.conftest import OLDEST_AND_NEWEST, Installation
from tests.support.microphones import a_microphone
from tests.support.pasted import pasted, stand_in
from tests.support.program import Program
from tests.support.readme import one_liners
from tests.support.recordings import BECKETT, reading, silence
from tests.support.service import Sandbox
from tests.support.sounds import needs_ffmpeg, probe, word_errors

SENTENCE = "Today is a good day for a walk in the park"
SAMPLE = f"{SENTENCE}, and for a talk with a friend afterwards, while the children play."
HEARD = {
    "Read a manual page aloud",
    "Hear a language model while it is still writing",
}


class Shell:
    """A shell in the directory of the files, with the installed program on the PATH."""

    def __init__(self, installation: Installation, program: Program, cwd: Path) -> None:
        self.cwd = cwd
        self.stand_ins = cwd / "bin"
        self._programs = (self.stand_ins, installation.programs)
        self._environ = program.environment()

    def forget_the_key(self) -> None:
        """Remove the key and the base URL from the environment."""
        del self._environ["STEP_API_KEY"], self._environ["STEPCLI_BASE_URL"]

    def paste(self, about: str, environ: Mapping[str, str] = {}) -> str:
        """Run the one-liner and return what it prints."""
        return self.run(one_liners()[about], environ)

    def run(self, line: str, environ: Mapping[str, str] = {}) -> str:
        return pasted(line, self.cwd, {**self._environ, **environ}, *self._programs)


@pytest.fixture
def shell(installation: Installation, stepcli: Program, sounds: Path, tmp_path: Path) -> Shell:
    cwd = tmp_path / "work"
    shutil.copytree(sounds, cwd)
    return Shell(installation, stepcli, cwd)


@pytest.fixture(scope="session")
def sounds(running_sandbox: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The files that the one-liners use."""
    home, files = (tmp_path_factory.mktemp(name) for name in ("home", "files"))
    stepcli = Program(home, dict(running_sandbox.environ))
    assert stepcli("speak", SAMPLE, "-o", files / "me.wav").code == 0
    (files / "podcast.txt").write_text("Anna: Good morning.\nBen: Hello.\nAnna: Goodbye.\n")
    (files / "song.txt").write_text(f"{SAMPLE}\n")
    (files / "interviews").mkdir()
    for name in ("ann.mp3", "bob.wav"):
        assert stepcli("speak", SENTENCE, "-o", files / "interviews" / name).code == 0
    if shutil.which("ffmpeg"):
        speech = ("-i", files / "me.wav")
        picture = ("-f", "lavfi", "-i", "color=size=64x64:rate=5", "-shortest")
        _ffmpeg(*speech, files / "meeting.m4a")
        _ffmpeg(*speech, *picture, files / "talk.mp4")
    return files


def _ffmpeg(*arguments: str | Path) -> None:
    subprocess.run(["ffmpeg", "-v", "error", *arguments], check=True)


def test_each_one_liner_is_tested() -> None:
    """Here or in the device tests."""
    here = {
        "Dictate into the clipboard",
        "Subtitle a video",
        "Turn a meeting into minutes",
        "Transcribe a directory",
        "Make a podcast with two voices",
        "Dub a video",
        "Make a karaoke video",
        "Test a script in CI, with neither key nor network",
    }
    assert here | HEARD == one_liners().keys()
    assert len(one_liners()) == 10


@OLDEST_AND_NEWEST
def test_dictate_into_the_clipboard(shell: Shell, tmp_path: Path) -> None:
    """A file replaces the clipboard."""
    stand_in(shell.stand_ins, "xclip", 'cat >"$2"')
    with a_microphone(tmp_path / "alsa") as microphone:
        microphone.hears(silence(1), reading("beckett"))
        shell.paste("Dictate into the clipboard", microphone.environ)
    assert word_errors(BECKETT, (shell.cwd / "clipboard").read_text()) <= 4


@OLDEST_AND_NEWEST
@needs_ffmpeg
def test_subtitle_a_video(shell: Shell) -> None:
    shell.paste("Subtitle a video")
    streams = ["-select_streams", "s", "-show_entries", "stream=codec_name", "-of", "csv=p=0"]
    done = subprocess.run(
        ["ffprobe", "-v", "error", *streams, shell.cwd / "out.mp4"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert done.stdout.strip() == "mov_text"
    assert "-->" in (shell.cwd / "talk.srt").read_text()


@OLDEST_AND_NEWEST
@needs_ffmpeg
def test_turn_a_meeting_into_minutes(shell: Shell) -> None:
    """The stand-in model repeats its input."""
    stand_in(shell.stand_ins, "llm", 'printf "%s: " "$*"; cat')
    shell.paste("Turn a meeting into minutes")
    minutes = (shell.cwd / "minutes.md").read_text()
    order, _, transcript = minutes.rpartition(": ")
    assert order == "-s Write the minutes: what was decided, who does what"
    assert word_errors(SAMPLE, transcript) <= 6


@OLDEST_AND_NEWEST
def test_transcribe_a_directory(shell: Shell) -> None:
    shell.paste("Transcribe a directory")
    texts = {path.name: path.read_text() for path in (shell.cwd / "transcripts").iterdir()}
    assert texts.keys() == {"ann.txt", "bob.txt"}
    assert all(word_errors(SENTENCE, text) <= 3 for text in texts.values())


@OLDEST_AND_NEWEST
@needs_ffmpeg
def test_make_a_podcast_with_two_voices(shell: Shell, service: Sandbox) -> None:
    shell.paste("Make a podcast with two voices")
    voices = [request["body"]["voice"] for request in service.log("speech")]
    assert sorted(voices) == ["lively-girl", "lively-girl", "vibrant-youth"]
    assert probe(shell.cwd / "podcast.mp3").codec == "mp3"


@OLDEST_AND_NEWEST
@needs_ffmpeg
def test_dub_a_video(shell: Shell) -> None:
    """The new sound lasts as long as the subtitles and says the same."""
    shell.paste("Dub a video")
    _ffmpeg("-i", shell.cwd / "dubbed.mp4", shell.cwd / "dubbed.wav")
    assert word_errors(SAMPLE, shell.run("stepcli transcribe dubbed.wav -l en")) <= 8


@OLDEST_AND_NEWEST
@needs_ffmpeg
def test_make_a_karaoke_video(shell: Shell) -> None:
    """The words are drawn into the black picture."""
    shell.paste("Make a karaoke video")
    picture = ("-map", "0:v", "-frames:v", "1", "-f", "rawvideo", "-pix_fmt", "gray")
    _ffmpeg("-ss", "1", "-i", shell.cwd / "karaoke.mp4", *picture, shell.cwd / "picture")
    assert max((shell.cwd / "picture").read_bytes()) > 200
    assert "-->" in (shell.cwd / "song.srt").read_text()


@OLDEST_AND_NEWEST
def test_test_a_script_in_ci(shell: Shell, service: Sandbox) -> None:
    """The script itself does not mention the sandbox."""
    stand_in(
        shell.cwd,
        "announce.sh",
        f'stepcli speak "{SENTENCE}" -o said.wav',
    )
    shell.forget_the_key()
    shell.paste("Test a script in CI, with neither key nor network")
    assert soundfile.info(shell.cwd / "said.wav").duration > 2
    assert service.log() == []
