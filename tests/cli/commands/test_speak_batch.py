"""``speak --batch``: game lines, prompts and lessons by the hundred."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.support.program import Program
from tests.support.service import Sandbox

REFUSED = {17, 40, 41, 99, 150, 222, 300}


def _write_lines(path: Path) -> None:
    with path.open("w") as file:
        for number in range(1, 301):
            said = "censored-sample" if number in REFUSED else f"Number {number}."
            line = {"id": f"line-{number}", "text": said, "format": "pcm", "sample_rate": 8000}
            file.write(json.dumps(line) + "\n")


def test_every_line_becomes_a_file(stepcli: Program, service: Sandbox, home: Path) -> None:
    """293 files, each the right one; the seven refused are named; 429s slow all; jobs are kept."""
    _write_lines(home / "lines.jsonl")
    service.fault("speech:30-36:429,retry-after=0")
    done = stepcli("speak", "--batch", "lines.jsonl", "--output-dir", "out", "--jobs", "4")
    assert done.code == 10
    written = {path.name for path in (home / "out").iterdir()}
    assert written == {f"line-{n}.pcm" for n in range(1, 301) if n not in REFUSED}
    for number in REFUSED:
        assert f"line-{number} (line {number})" in done.stderr
    assert "293 spoken, 7 failed" in done.stderr
    assert len(done.stdout.splitlines()) == 293

    entries = service.log("speech")
    assert len(entries) == 300 + 7
    sizes = {entry["body"]["input"]: entry["bytes"] for entry in entries if entry["status"] == 200}
    for number in (1, 150 + 1, 299):
        size = (home / "out" / f"line-{number}.pcm").stat().st_size
        assert size == sizes[f"Number {number}."]
    assert max(entry["busy"] for entry in entries) <= 4


def test_skip_existing_requests_only_missing_files(
    stepcli: Program, service: Sandbox, home: Path
) -> None:
    """What the directory already has is neither sent nor touched."""
    (home / "out").mkdir()
    (home / "out" / "2.mp3").write_bytes(b"before")
    lines = "One.\nTwo.\nThree.\n"
    done = stepcli(
        "speak", "--batch", "-", "--output-dir", "out", "--skip-existing", "--json", input=lines
    )
    assert done.code == 0
    reported = json.loads(done.stdout)
    assert [one["id"] for one in reported["files"]] == ["1", "3"]
    assert reported["skipped"] == 1
    assert (home / "out" / "2.mp3").read_bytes() == b"before"
    assert sorted(e["body"]["input"] for e in service.log("speech")) == ["One.", "Three."]


def test_json_lists_failed_lines(stepcli: Program) -> None:
    """A refused line has the error object in the place of its output."""
    done = stepcli(
        "speak", "--batch", "-", "--output-dir", "out", "--json", input="One.\ncensored-sample\n"
    )
    assert done.code == 10
    one, two = json.loads(done.stdout)["files"]
    assert json.loads(done.stderr)["error"] == two["error"]
    assert Path(one["output"]) == Path("out/1.mp3")
    assert two["error"]["type"] == "content"


def test_dry_run_counts_all_lines_and_writes_nothing(
    stepcli: Program, service: Sandbox, home: Path
) -> None:
    """Nothing is sent and no directory is made."""
    done = stepcli(
        "speak", "--batch", "-", "--output-dir", "out", "--dry-run", input="One.\nTwo.\n"
    )
    assert done.code == 0
    assert "2 requests" in done.stdout
    assert service.log() == []
    assert not (home / "out").exists()


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


def test_skip_existing_uses_padded_names(stepcli: Program, service: Sandbox, home: Path) -> None:
    lines = "".join(f"Number {number}.\n" for number in range(1, 11))
    batch = ("speak", "--batch", "-", "--output-dir", "out", "--skip-existing")
    assert stepcli(*batch, input=lines).code == 0
    written = sorted(path.name for path in (home / "out").iterdir())
    assert written == [f"{number:02}.mp3" for number in range(1, 11)]
    assert stepcli(*batch, input=lines).code == 0
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
    stepcli: Program, service: Sandbox, home: Path, arguments: tuple[str, ...], given: str
) -> None:
    """Contradictions and lines out of range: exit 2 before anything is sent or made."""
    done = stepcli("speak", *arguments, input=given)
    assert done.code == 2
    assert service.log() == []
    assert not (home / "out").exists()
