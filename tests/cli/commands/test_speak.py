"""``speak TEXT -o FILE`` against the sandbox: real speech in every format."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from tests.support.in_process import InProcess
from tests.support.program import Program
from tests.support.service import Sandbox
from tests.support.sounds import needs_ffmpeg, probe, samples, word_errors

SENTENCE = "Today is a good day for a walk in the park"
FORMATS = {
    "mp3": ("mp3", "mp3"),
    "wav": ("pcm_s16le", "wav"),
    "flac": ("flac", "flac"),
    "opus": ("opus", "ogg"),
}


def test_transcript_of_spoken_text_is_the_text(run: InProcess, home: Path) -> None:
    """A spoken sentence, transcribed, is the sentence."""
    assert run("speak", SENTENCE, "-o", "walk.wav").code == 0
    heard = run("transcribe", "walk.wav", "-l", "en")
    assert heard.code == 0
    assert word_errors(SENTENCE, heard.stdout) <= 2
    assert [path.name for path in home.glob("*walk*")] == ["walk.wav"]


@needs_ffmpeg
@pytest.mark.parametrize("rate", [8000, 24000, 48000])
@pytest.mark.parametrize("name", FORMATS)
def test_output_has_the_format_and_the_sample_rate(
    run: InProcess, home: Path, name: str, rate: int
) -> None:
    """Each format at each rate is the right container, mono, and about two and a half seconds."""
    done = run("speak", SENTENCE, "-o", f"out.{name}", "--sample-rate", str(rate))
    assert (done.code, done.stdout, done.stderr) == (0, "", "")
    reported = probe(home / f"out.{name}")
    assert (reported.codec, reported.container) == FORMATS[name]
    assert reported.rate == (48000 if name == "opus" else rate)
    assert reported.channels == 1
    assert 1.5 < reported.duration < 4


def test_pcm_has_no_header(run: InProcess, home: Path) -> None:
    """Raw samples have no header and the length that the JSON tells."""
    done = run("speak", SENTENCE, "-o", "out.raw", "--sample-rate", "16000", "--json")
    reported = json.loads(done.stdout)
    size = (home / "out.raw").stat().st_size
    assert reported["format"] == "pcm"
    assert reported["bytes"] == size
    assert reported["duration"] == pytest.approx(size / 32000, abs=0.001)


def test_json_describes_the_file(run: InProcess) -> None:
    """``--json`` describes the finished file."""
    reported = json.loads(run("speak", SENTENCE, "-o", "a.flac", "--json").stdout)
    assert reported["output"] == "a.flac"
    assert reported["format"] == "flac"
    assert reported["sample_rate"] == 24000
    assert 1.5 < reported["duration"] < 4
    assert reported["characters"] == len(SENTENCE)
    assert reported["requests"] == 1
    assert reported["first_audio_ms"] >= 0
    assert reported["voice"] == "lively-girl"
    assert reported["model"] == "stepaudio-2.5-tts"


@needs_ffmpeg
def test_speed_and_volume_change_the_audio(run: InProcess, home: Path) -> None:
    """``--speed 2`` halves the time, ``--volume 0.5`` the amplitude."""
    for name, options in {"a": (), "fast": ("--speed", "2"), "soft": ("--volume", "0.5")}.items():
        assert run("speak", SENTENCE, "-o", f"{name}.wav", *options).code == 0
    plain, fast, soft = (samples(home / f"{name}.wav") for name in ("a", "fast", "soft"))
    assert 0.4 < len(fast) / len(plain) < 0.62
    assert 0.45 < np.abs(soft).max() / np.abs(plain).max() < 0.55


def test_every_option_is_in_the_request(run: InProcess, service: Sandbox) -> None:
    """Each option becomes its documented field, and nothing else is sent."""
    options = [
        "-v", "vibrant-youth", "-i", "softly", "--speed", "1.5", "--volume", "0.8",
        "--pronounce", "LOL/laugh out loudly", "--pronounce", "阿胶/e1胶", "--markdown",
        "--sample-rate", "16000", "--format", "wav", "--text-normalization", "enhanced",
    ]  # fmt: skip
    assert run("speak", "LOL", "-o", "x", *options).code == 0
    (entry,) = service.log("speech")
    assert entry["body"] == {
        "model": "stepaudio-2.5-tts",
        "input": "LOL",
        "voice": "vibrant-youth",
        "response_format": "wav",
        "sample_rate": 16000,
        "speed": 1.5,
        "volume": 0.8,
        "instruction": "softly",
        "pronunciation_map": {"tone": ["LOL/laugh out loudly", "阿胶/e1胶"]},
        "markdown_filter": True,
        "text_normalization": "enhanced",
    }


def test_request_has_only_the_fields_of_given_options(run: InProcess, service: Sandbox) -> None:
    """Without options the service's own defaults hold."""
    assert run("speak", "Hi.", "-o", "x.mp3").code == 0
    (entry,) = service.log("speech")
    assert set(entry["body"]) == {"model", "input", "voice", "response_format"}


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (("--speed", "3"), "--speed 3 is outside 0.5 to 2"),
        (("--speed", "nan"), "--speed must be a number, not nan"),
        (("--volume", "0.05"), "--volume 0.05 is outside 0.1 to 2"),
        (("--sample-rate", "44100"), "8000, 16000, 22050, 24000, 48000"),
        (("-i", "x" * 201), "the instruction has 201 characters"),
        (("--pronounce", "nothing"), "WRITTEN/SPOKEN"),
        (("--format", "aac"), "aac"),
        (("--model", "step-tts-2", "-i", "sadly"), "takes no --instruction"),
        (("--nonsense",), "--nonsense"),
    ],
)
def test_invalid_option_is_refused_before_a_request(
    run: InProcess, service: Sandbox, home: Path, options: tuple[str, ...], says: str
) -> None:
    """What the service would refuse costs no request: exit 2, one sentence, no file."""
    done = run("speak", "Hello.", "-o", "x.mp3", *options)
    assert done.code == 2
    assert says in done.stderr
    assert done.stderr.startswith("stepcli: error: ")
    assert service.log() == []
    assert not list(home.glob("*x.mp3*"))


def test_unknown_model_has_no_local_limits(run: InProcess, service: Sandbox) -> None:
    """A model that is not in the table is passed through as it is."""
    done = run("speak", "Hi.", "-o", "x.mp3", "--model", "tts-9", "--speed", "3")
    assert done.code == 2
    assert service.log("speech")[0]["body"]["model"] == "tts-9"


@pytest.mark.parametrize("target", ["no/such/x.mp3", "."])
def test_output_that_cannot_be_written_is_a_usage_error(
    run: InProcess, service: Sandbox, target: str
) -> None:
    """A target in no such directory, or a directory, is refused before anything is sent."""
    done = run("speak", "Hi.", "-o", target)
    assert done.code == 2
    assert service.log() == []


def test_existing_file_survives_a_failed_run(run: InProcess, home: Path) -> None:
    """What stood under the name still stands there."""
    (home / "x.mp3").write_bytes(b"before")
    assert run("speak", "censored-sample", "-o", "x.mp3").code == 10
    assert (home / "x.mp3").read_bytes() == b"before"
    assert [path.name for path in home.iterdir() if path.is_file()] == ["x.mp3"]


def test_replaced_file_keeps_its_mode_and_its_link(run: InProcess, home: Path) -> None:
    """The file behind a symbolic link is replaced, with the mode it had."""
    (home / "real.mp3").write_bytes(b"before")
    (home / "real.mp3").chmod(0o640)
    (home / "link.mp3").symlink_to("real.mp3")
    assert run("speak", "Hi.", "-o", "link.mp3").code == 0
    assert (home / "link.mp3").is_symlink()
    assert (home / "real.mp3").read_bytes() != b"before"
    assert (home / "real.mp3").stat().st_mode & 0o777 == 0o640


def test_special_file_is_written_in_place(run: InProcess) -> None:
    """/dev/null stays what it is."""
    assert run("speak", "Hi.", "-o", "/dev/null", "--format", "mp3").code == 0
    assert Path("/dev/null").is_char_device()


def test_full_disk_is_an_output_error(run: InProcess) -> None:
    """An output that fails while it is written is exit 8, with the reason."""
    done = run("speak", "Hi.", "-o", "/dev/full", "--format", "mp3")
    assert done.code == 8
    assert "No space left" in done.stderr


@needs_ffmpeg
def test_stdout_gets_audio_only(stepcli: Program, home: Path) -> None:
    """``-o -`` gives the sound to a pipe and nothing else."""
    done = stepcli("speak", SENTENCE, "-o", "-", "--format", "wav")
    (home / "piped.wav").write_bytes(done.out)
    assert done.stderr == ""
    assert len(samples(home / "piped.wav")) > 24000


def test_text_comes_from_arguments_file_or_stdin(
    stepcli: Program, service: Sandbox, home: Path
) -> None:
    """Arguments are joined by spaces; -f, '-' and a pipe are read completely without a BOM."""
    (home / "text.txt").write_bytes(b"\xef\xbb\xbfFrom a file.\n")
    stepcli("speak", "From", "arguments.", "-o", "a.mp3", input="odd things")
    stepcli("speak", "-f", "text.txt", "-o", "a.mp3", input="odd things")
    stepcli("speak", "-", "-o", "a.mp3", input="From a dash.")
    stepcli("speak", "-o", "a.mp3", input="From a pipe.")
    assert [entry["body"]["input"] for entry in service.log("speech")] == [
        "From arguments.", "From a file.\n", "From a dash.", "From a pipe.",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("arguments", "given", "says"),
    [
        (("words", "-f", "text.txt"), b"", "cannot be combined"),
        ((), b"", "blank"),
        (("  ",), b"", "blank"),
        ((), b"caf\xe9 au lait", "offset 3"),
        (("-f", "missing.txt"), b"", "No such file"),
    ],
)
def test_invalid_text_is_a_usage_error(
    run: InProcess, service: Sandbox, arguments: tuple[str, ...], given: bytes, says: str
) -> None:
    """No text, two texts or no UTF-8: exit 2, nothing sent."""
    done = run("speak", *arguments, "-o", "x.mp3", input=given)
    assert done.code == 2
    assert says in done.stderr
    assert service.log() == []


@pytest.mark.parametrize(
    "arguments",
    [
        ("speak", "-f", "said.txt", "-o", "./said.txt"),
        ("stream", "-f", "said.txt", "-o", "said.txt"),
        ("stream", "Hello.", "-o", "new.srt", "--subtitles", "new.srt"),
        ("voices", "preview", "said.txt", "-o", "said.txt"),
    ],
)
def test_output_must_not_be_an_input(
    run: InProcess, service: Sandbox, home: Path, arguments: tuple[str, ...]
) -> None:
    """Nor two outputs of one run: refused before anything is sent."""
    (home / "said.txt").write_text("Hello there.")
    done = run(*arguments, "--format", "mp3")
    assert done.code == 2
    assert "the output would overwrite the " in done.stderr
    assert service.log() == []
    assert (home / "said.txt").read_text() == "Hello there."


def test_offset_of_invalid_bytes_counts_the_byte_order_mark(offline: Program) -> None:
    """It is that in the file, where the mark counts."""
    done = offline("speak", "--dry-run", input=b"\xef\xbb\xbfab\xe4\xb8")
    assert (done.code, done.stderr.splitlines()[0]) == (
        2,
        "stepcli: error: stdin is not UTF-8: byte 0xe4 at offset 5",
    )


def test_repeatable_option_is_read_from_the_environment(offline: Program) -> None:
    """One a line, so that each may have blanks."""
    pairs = "LOL/laugh out loudly\nAI/artificial intelligence"
    done = offline("speak", "hi", "--dry-run", "--json", STEPCLI_PRONOUNCE=pairs)
    assert done.code == 0, done.stderr
    (request,) = json.loads(done.stdout)["requests"]
    assert request["pronunciation_map"] == {"tone": pairs.splitlines()}


@pytest.mark.parametrize("command", ["speak", "stream"])
def test_question_mark_lists_the_voices(run: InProcess, command: str) -> None:
    done, listed = run(command, "-v", "?"), run("voices", "list")
    assert (done.code, done.stdout) == (0, listed.stdout)


def test_file_of_another_kind_names_the_command_for_it(run: InProcess, home: Path) -> None:
    assert run("speak", "Hello.", "-o", "talk.wav").code == 0
    (home / "a text").write_text("Not a sound.\n")
    spoken = run("speak", "-f", "talk.wav", "-o", "a.mp3")
    assert spoken.code == 2
    assert "talk.wav is a sound file, not text" in spoken.stderr
    assert "stepcli transcribe talk.wav" in spoken.stderr
    transcribed = run("transcribe", "a text")
    assert transcribed.code == 2
    assert "stepcli speak -f 'a text'" in transcribed.stderr


def test_url_in_place_of_a_text_file_is_named(run: InProcess) -> None:
    done = run("speak", "-f", "https://example.org/a.txt", "-o", "a.mp3")
    assert done.code == 2
    assert "https://example.org/a.txt is a URL, not a file" in done.stderr


def test_sound_on_stdin_names_the_command_for_it(stepcli: Program, home: Path) -> None:
    assert stepcli("speak", "Hello.", "-o", "talk.mp3").code == 0
    done = stepcli("speak", "-o", "a.mp3", input=(home / "talk.mp3").read_bytes())
    assert done.code == 2
    assert "stdin is sound, not text\nhint: to transcribe it: stepcli transcribe -\n" in done.stderr


def test_url_as_text_is_pointed_out(run: InProcess) -> None:
    done = run("speak", "https://example.org/a", "-o", "a.mp3")
    assert done.code == 0
    assert "speaking the URL itself" in done.stderr


def test_name_of_a_file_as_text_is_pointed_out(run: InProcess, home: Path) -> None:
    (home / "notes.txt").write_text("Hello.\n")
    done = run("speak", "notes.txt", "-o", "a.mp3")
    assert done.code == 0
    assert "to use its contents: stepcli speak -f notes.txt" in done.stderr
