"""``speak --batch``: game lines, prompts and lessons by the hundred."""

from __future__ import annotations

import errno
import json
import os
import signal
from pathlib import Path

import pytest

from stepcli.storage.atomic_file import AtomicFile
from stepcli.storage.os_errors import output_errors
from tests.support.in_process import InProcess
from tests.support.program import Program, until
from tests.support.service import Sandbox

BATCH = ("speak", "--batch", "-", "--output-dir", "out")
FOUR = "One.\nTwo.\n\nFour.\nFive.\n"
RESUME = "the same command with --skip-existing speaks only the lines that have no file yet"
LINES = 100
REFUSED = {17, 40, 41, 59, 70, 82, 100}


def _write_lines(path: Path) -> None:
    with path.open("w") as file:
        for number in range(1, LINES + 1):
            said = "censored-sample" if number in REFUSED else f"Number {number}."
            line = {"id": f"line-{number}", "text": said, "format": "pcm", "sample_rate": 8000}
            file.write(json.dumps(line) + "\n")


def test_every_line_becomes_a_file(run: InProcess, service: Sandbox, home: Path) -> None:
    """93 files, each the right one; the seven refused are named; 429s slow all; jobs are kept."""
    _write_lines(home / "lines.jsonl")
    service.fault("speech:30-32:429,retry-after=0")
    patient = ("--jobs", "4", "--retries", "3")  # one line may meet all refusals
    done = run("speak", "--batch", "lines.jsonl", "--output-dir", "out", *patient)
    assert done.code == 10
    written = {path.name for path in (home / "out").iterdir()}
    assert written == {f"line-{n}.pcm" for n in range(1, LINES + 1) if n not in REFUSED}
    for number in REFUSED:
        assert f"line-{number} (line {number})" in done.stderr
    assert "93 spoken, 7 failed" in done.stderr
    assert len(done.stdout.splitlines()) == 93

    entries = service.log("speech")
    assert len(entries) == LINES + 3
    sizes = {entry["body"]["input"]: entry["bytes"] for entry in entries if entry["status"] == 200}
    for number in (1, 71, 99):
        size = (home / "out" / f"line-{number}.pcm").stat().st_size
        assert size == sizes[f"Number {number}."]
    assert max(entry["busy"] for entry in entries) <= 4


def test_skip_existing_requests_only_missing_files(
    run: InProcess, service: Sandbox, home: Path
) -> None:
    """What the directory already has is neither sent nor touched."""
    (home / "out").mkdir()
    (home / "out" / "2.mp3").write_bytes(b"before")
    lines = "One.\nTwo.\nThree.\n"
    done = run(
        "speak", "--batch", "-", "--output-dir", "out", "--skip-existing", "--json", input=lines
    )
    assert done.code == 0
    reported = json.loads(done.stdout)
    assert [one["id"] for one in reported["files"]] == ["1", "3"]
    assert reported["skipped"] == 1
    assert (home / "out" / "2.mp3").read_bytes() == b"before"
    assert sorted(e["body"]["input"] for e in service.log("speech")) == ["One.", "Three."]


def test_json_lists_failed_lines(run: InProcess) -> None:
    """A refused line has the error object in the place of its output."""
    done = run(
        "speak", "--batch", "-", "--output-dir", "out", "--json", input="One.\ncensored-sample\n"
    )
    assert done.code == 10
    one, two = json.loads(done.stdout)["files"]
    error = json.loads(done.stderr)["error"]
    assert error.pop("hint").endswith(RESUME)
    assert error.items() <= two["error"].items()
    assert error["message"].startswith("line 2: ")
    assert Path(one["output"]) == Path("out/1.mp3")
    assert two["error"]["type"] == "content"


def test_dry_run_counts_all_lines_and_writes_nothing(
    run: InProcess, service: Sandbox, home: Path
) -> None:
    """Nothing is sent and no directory is made."""
    done = run("speak", "--batch", "-", "--output-dir", "out", "--dry-run", input="One.\nTwo.\n")
    assert done.code == 0
    assert "2 requests" in done.stdout
    assert service.log() == []
    assert not (home / "out").exists()


STOPPING = {
    "401": (3, "line 2: the service refused the API key"),
    "403": (3, "line 2: the service refused the API key"),
    "402": (4, "line 2: the plan's credit is used up"),
    "400,message=quota_exceeded": (4, "line 2: the plan's credit is used up"),
}


@pytest.mark.parametrize("fault", STOPPING)
def test_failure_of_the_account_stops_the_batch(
    run: InProcess, service: Sandbox, home: Path, fault: str
) -> None:
    service.fault(f"speech:2-5:{fault}")
    done = run(*BATCH, "--jobs", "1", input=FOUR)
    code, sentence = STOPPING[fault]
    assert done.code == code
    assert len(service.log("speech")) == 2
    assert done.stdout == "out/1.mp3\n"
    assert done.stderr.count("stepcli: error: ") == 1
    assert f"stepcli: error: {sentence}" in done.stderr
    assert f"hint: {RESUME}" in done.stderr
    assert "1 spoken, 1 failed, 0 already there, 2 not tried" in done.stderr
    assert [path.name for path in (home / "out").iterdir()] == ["1.mp3"]


def test_full_disk_stops_the_batch_and_nothing_is_paid_twice(
    home: Path, service: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = InProcess(home, dict(service.environ))
    write = AtomicFile.write

    def full(self: AtomicFile, data: bytes) -> None:
        with output_errors(self.name):
            if self.name.startswith("out/") and self.name != "out/1.mp3":
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        write(self, data)

    (home / "four.txt").write_text(FOUR)
    batch = ("speak", "--batch", "four.txt", "--output-dir", "out", "--jobs", "1")
    with monkeypatch.context() as patched:
        patched.setattr(AtomicFile, "write", full)
        done = run(*batch)
    assert done.code == 8
    assert len(service.log("speech")) == 2
    assert "1 spoken, 1 failed, 0 already there, 2 not tried" in done.stderr
    assert run(*batch).code == 0
    assert len(service.log("speech")) == 4


def test_json_counts_the_lines_that_were_not_tried(run: InProcess, service: Sandbox) -> None:
    """The failure that stopped the batch is reported, not an earlier one."""
    service.fault("speech:1:451", "speech:2:402")
    done = run(*BATCH, "--jobs", "1", "--json", input=FOUR)
    reported = json.loads(done.stdout)
    assert [file["error"]["type"] for file in reported["files"]] == ["content", "quota"]
    assert reported["not_tried"] == 2
    assert done.code == json.loads(done.stderr)["error"]["exit_code"] == 4


@pytest.mark.parametrize("fault", ["451", "404", "429", "500"])
def test_other_failures_do_not_stop_the_batch(run: InProcess, service: Sandbox, fault: str) -> None:
    service.fault(f"speech:2:{fault}")
    done = run(*BATCH, "--jobs", "1", "--retries", "0", input=FOUR)
    assert done.code != 0
    assert done.stdout == "out/1.mp3\nout/4.mp3\nout/5.mp3\n"
    assert "stepcli: error: line 2: " in done.stderr
    assert f"hint: {RESUME}" in done.stderr
    assert "not tried" not in done.stderr


def test_lines_under_way_are_finished(run: InProcess, service: Sandbox, home: Path) -> None:
    service.fault("speech:1:stall,for=1", "speech:2:401")
    done = run(*BATCH, "--jobs", "2", input=FOUR)
    assert done.code == 3
    assert len(service.log("speech")) == 2
    assert len(list((home / "out").iterdir())) == 1
    assert "1 spoken, 1 failed, 0 already there, 2 not tried" in done.stderr


@pytest.mark.parametrize("arguments", [(), ("--json",)], ids=["plain", "json"])
def test_interrupted_batch_has_printed_finished_files(
    stepcli: Program, service: Sandbox, home: Path, arguments: tuple[str, ...]
) -> None:
    """With --json, stdout stays empty instead of a part of the object."""
    service.fault("speech:3:stall")
    (home / "lines.txt").write_text(FOUR)
    batch = ("speak", "--batch", "lines.txt", "--output-dir", "out", "--jobs", "1", *arguments)
    with stepcli.started(*batch) as run:
        until(lambda: len(service.log("speech")) == 2 or (home / "out" / "2.mp3").exists())
        if not arguments:
            assert run.stdout is not None
            assert run.stdout.readline() == b"out/1.mp3\n"
            assert run.stdout.readline() == b"out/2.mp3\n"
        run.send_signal(signal.SIGINT)
        printed, complaint = run.communicate(timeout=20)
    assert run.returncode == -signal.SIGINT
    assert printed == b""
    assert RESUME.encode() in complaint


def test_dry_run_shows_the_names_of_the_files(offline: Program, home: Path) -> None:
    """Padded numbers of lines, ids, and the name again for each part of a long line."""
    lines = [f"Number {number}." for number in range(1, 10)] + ["", "Long text. " * 120]
    (home / "out").mkdir()
    (home / "out" / "02.mp3").write_bytes(b"before")
    batch = ("speak", "--batch", "-", "--output-dir", "out", "--skip-existing", "--dry-run")
    rows = offline(*batch, input="\n".join(lines)).stdout.splitlines()[:-1]
    names = [row.split()[0] for row in rows]
    assert names[:8] == ["01", "03", "04", "05", "06", "07", "08", "09"]
    assert len(names) > 9
    assert set(names[8:]) == {"11"}

    done = offline(*batch, input='{"text": "One.", "id": "first"}')
    assert done.stdout.split()[0] == "first"


def test_skip_existing_uses_padded_names(run: InProcess, service: Sandbox, home: Path) -> None:
    lines = "".join(f"Number {number}.\n" for number in range(1, 11))
    batch = ("speak", "--batch", "-", "--output-dir", "out", "--skip-existing")
    assert run(*batch, input=lines).code == 0
    written = sorted(path.name for path in (home / "out").iterdir())
    assert written == [f"{number:02}.mp3" for number in range(1, 11)]
    assert run(*batch, input=lines).code == 0
    assert len(service.log("speech")) == 10


@pytest.mark.parametrize(
    "fields",
    [{"speed": 9}, {"format": "aac"}, {"text_normalization": "full"}, {"sample_rate": 1}],
)
def test_invalid_option_names_the_line(offline: Program, fields: dict[str, object]) -> None:
    lines = [json.dumps({"text": "One."}), "", json.dumps({"text": "Two."} | fields)]
    done = offline("speak", "--batch", "-", "--output-dir", "out", input="\n".join(lines))
    assert done.code == 2
    assert done.stderr.startswith("stepcli: error: line 3: ")


@pytest.mark.parametrize(
    ("arguments", "given"),
    [
        (("--batch", "-"), "One.\n"),
        (("--batch", "-", "--output-dir", "out", "words"), "One.\n"),
        (("--batch", "-", "--output-dir", "out", "-o", "x.mp3"), "One.\n"),
        (("--batch", "-", "--output-dir", "out"), ""),
        (("--batch", "missing.txt", "--output-dir", "out"), ""),
        (("--batch", "-", "--output-dir", "out"), '{"text": "x", "speed": 9}\n'),
        (("words", "--output-dir", "out"), ""),
        (("words", "--skip-existing"), ""),
    ],
)
def test_invalid_batch_is_a_usage_error(
    run: InProcess, service: Sandbox, home: Path, arguments: tuple[str, ...], given: str
) -> None:
    """Contradictions and lines out of range: exit 2 before anything is sent or made."""
    done = run("speak", *arguments, input=given)
    assert done.code == 2
    assert service.log() == []
    assert not (home / "out").exists()


def _spoken(service: Sandbox) -> list[str]:
    return [entry["body"]["input"] for entry in service.log("speech")]


def test_finished_lines_are_not_paid_again(run: InProcess, service: Sandbox, home: Path) -> None:
    """The same command requests only what failed; the paths of all files are printed."""
    service.fault("speech:2:500")
    assert run(*BATCH, "--jobs", "1", "--retries", "0", input=FOUR).code == 6
    before = (home / "out" / "1.mp3").read_bytes()
    service.reset()
    done = run(*BATCH, input=FOUR)
    assert done.code == 0
    assert _spoken(service) == ["Two."]
    assert done.stdout.splitlines() == [f"out/{number}.mp3" for number in (1, 4, 5, 2)]
    assert "3 files are unchanged since an earlier run made the same request" in done.stderr
    assert "1 spoken, 0 failed, 3 already there" in done.stderr
    assert (home / "out" / "1.mp3").read_bytes() == before


def test_repeated_batch_needs_no_service(run: InProcess, service: Sandbox) -> None:
    run(*BATCH, input=FOUR)
    service.reset()
    done = run(*BATCH, "--json", input=FOUR)
    assert done.code == 0
    reported = json.loads(done.stdout)
    assert [one["reused"] for one in reported["files"]] == [True] * 4
    assert reported["skipped"] == 0
    assert "0 requests" in run(*BATCH, "--dry-run", input=FOUR).stdout
    assert service.log() == []


def test_changed_lines_and_files_are_spoken_again(
    run: InProcess, service: Sandbox, home: Path
) -> None:
    """A file is kept only for the same text, options and service, and if it has not been edited."""
    run(*BATCH, input=FOUR)
    (home / "out" / "4.mp3").write_bytes(b"edited")
    (home / "out" / "5.mp3").unlink()
    service.reset()
    assert run(*BATCH, input=FOUR.replace("Two", "Zwei")).code == 0
    assert sorted(_spoken(service)) == ["Five.", "Four.", "Zwei."]
    service.reset()
    assert run(*BATCH, "-v", "zixinnansheng", input=FOUR).code == 0
    assert len(_spoken(service)) == 4


def test_batch_in_a_private_sandbox_records_nothing(offline: Program, home: Path) -> None:
    assert offline(*BATCH, "--sandbox", input="One.\n").code == 0
    assert not (home / ".local/state/stepcli/delivered").exists()
