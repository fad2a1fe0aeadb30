"""The chapters of the manual say what the program does."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from stepcli.api.catalog import INTERNATIONAL, MAINLAND, RECOGNITION_MODEL, SPEECH_MODEL
from stepcli.cli.docs.chapters import CHAPTERS
from stepcli.tasks.pricing import PRICES_DATE, cloning_cost, recognition_cost, speech_cost
from tests.support.command_tree import COMMANDS
from tests.support.service import Sandbox


def test_every_chapter_belongs_to_a_command() -> None:
    assert CHAPTERS.keys() <= {" ".join(one.path) for one in COMMANDS}


def test_prices_are_those_of_the_estimates() -> None:
    text = " ".join(CHAPTERS[""][0].paragraphs)
    for site, digits in ((MAINLAND, 2), (INTERNATIONAL, 3)):
        speech = speech_cost([(SPEECH_MODEL, 10_000)], site)
        recognition = recognition_cost(RECOGNITION_MODEL, 3600, site)
        prices = f"{speech:.2f}", f"{recognition:.{digits}f}", f"{cloning_cost(site):.2f}"
        assert all(price in text for price in prices)
    assert f"The prices are those of {PRICES_DATE}" in text


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
def test_curl_commands_work(service: Sandbox, tmp_path: Path) -> None:
    script = re.sub(r"(?m)^export .*\n", "", CHAPTERS["sandbox"][0].example)
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script],
        env={"PATH": "/usr/bin:/bin", **service.environ},
        cwd=tmp_path,
        capture_output=True,
        check=True,
    )
    assert (tmp_path / "hello.mp3").stat().st_size > 1000
    assert b"lively-girl" in done.stdout
