"""``stepcli voices list``: paging, the built-in list, and completion."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from stepcli.api.catalog import INTERNATIONAL, VOICES, voices_at
from stepcli.base_url import BaseURL
from stepcli.cli.params.voice_names import known_voices
from tests.support.in_process import InProcess
from tests.support.program import Finished, Program
from tests.support.raw_server import http, in_turn, raw_server
from tests.support.service import Sandbox
from tests.support.voice_samples import write_sample

BUILT_IN = {voice.id for voice in voices_at(INTERNATIONAL)}


@pytest.fixture
def cloned(stepcli: Program, service: Sandbox, home: Path) -> str:
    """The id of a cloned voice."""
    write_sample(home / "list.wav", 6.5)
    id = stepcli("voices", "clone", "list.wav", "--yes").stdout.strip()
    service.reset()
    return id


def test_list_prints_one_voice_per_line(run: InProcess, cloned: str) -> None:
    done = run("voices", "list")
    assert (done.code, done.stderr) == (0, "")
    kinds = {line.split()[0]: line.split()[1] for line in done.stdout.splitlines()}
    assert kinds["lively-girl"] == "official"
    assert kinds[cloned] == "cloned"
    line = next(line for line in done.stdout.splitlines() if line.startswith("lively-girl"))
    assert line.endswith("en · female · lively girl")


def test_descriptions_are_in_the_language_of_the_user(run: InProcess) -> None:
    listed = run("voices", "list", "--official", LANG="zh_CN.UTF-8").stdout
    line = next(line for line in listed.splitlines() if line.startswith("lively-girl"))
    assert "女声" in line
    assert "lively girl" not in line
    assert "女声" not in run("voices", "list", "--official", LC_ALL="en_US.UTF-8").stdout


def test_only_the_selected_list_is_requested(run: InProcess, cloned: str, service: Sandbox) -> None:
    assert cloned not in run("voices", "list", "--official").stdout
    assert [entry["endpoint"] for entry in service.log()] == ["system_voices"]
    service.reset()
    assert "official" not in run("voices", "list", "--cloned").stdout
    assert [entry["endpoint"] for entry in service.log()] == ["voices"]


def test_json_has_all_fields_and_the_source(run: InProcess, cloned: str) -> None:
    run("config", "set", "aliases.me", cloned)
    reported = json.loads(run("voices", "list", "--json").stdout)
    assert reported["official_from"] == "service"
    voices = {voice["id"]: voice for voice in reported["voices"]}
    facts = {"english": "lively girl", "sex": "female", "language": "en"}
    assert voices["lively-girl"] | facts == voices["lively-girl"]
    assert voices["lively-girl"]["models"] == ["stepaudio-2.5-tts", "step-tts-2"]
    assert voices["lively-girl"]["scene"]
    assert voices[cloned]["aliases"] == ["me"]
    assert voices[cloned]["created_at"].startswith("20")
    assert voices[cloned]["file_id"].startswith("file-")


@pytest.mark.parametrize("fault", ["400,message=not in your plan", "403", "503", "html", "reset"])
@pytest.mark.parametrize("options", [[], ["--official"]])
def test_built_in_list_replaces_an_unavailable_one(
    run: InProcess, service: Sandbox, fault: str, options: list[str]
) -> None:
    """stderr says so."""
    service.fault(f"system_voices:*:{fault}")
    done = run("voices", "list", "--retries", "0", *options)
    assert done.code == 0
    shown = {line.split()[0] for line in done.stdout.splitlines() if " official " in line}
    assert shown == BUILT_IN
    assert "showing the built-in list" in done.stderr
    service.fault(f"system_voices:*:{fault}")
    done = run("voices", "list", "--retries", "0", "--json", *options)
    assert json.loads(done.stdout)["official_from"] == "built-in"


def test_unavailable_cloned_list_is_a_note(run: InProcess, service: Sandbox) -> None:
    """It is an error if only that list was selected."""
    service.fault("voices:*:400,message=not in your plan")
    done = run("voices", "list")
    assert done.code == 0
    assert "cannot list cloned voices" in done.stderr
    service.fault("voices:*:400,message=not in your plan")
    alone = run("voices", "list", "--cloned")
    assert (alone.code, alone.stdout) == (2, "")
    assert "Step Plan" in alone.stderr


def test_refused_key_is_an_error(run: InProcess) -> None:
    """It is not hidden by the built-in list."""
    for options in ([], ["--official"], ["--cloned"]):
        done = run("voices", "list", *options, STEP_API_KEY="sk-wrong")
        assert (done.code, done.stdout) == (3, "")


def test_built_in_list_needs_no_key(offline: Program) -> None:
    done = offline("voices", "list")
    assert done.code == 0
    assert len(done.stdout.splitlines()) == len(BUILT_IN)
    assert "showing the built-in list: no API key" in done.stderr
    assert offline("voices", "list", "--cloned").code == 3


def test_mainland_site_has_its_own_built_in_list(offline: Program) -> None:
    base = "https://api.stepfun.com/step_plan/v1"
    chinese = {"LANG": "zh_CN.UTF-8"}
    shown = offline("voices", "list", "--official", "--base-url", base, **chinese).stdout
    assert [line.split()[0] for line in shown.splitlines()] == list(VOICES)
    assert "official  zh · 女声 · 邻家姐姐\n" in shown


def test_model(run: InProcess, cloned: str) -> None:
    """Only voices that the model speaks with are listed; unknown voices and models may speak."""
    mini = _listed(run("voices", "list", "--model", "step-tts-mini"))
    assert {"cixingnansheng", cloned} <= mini
    assert {"lively-girl", "zixinnansheng"}.isdisjoint(mini)
    everything = _listed(run("voices", "list"))
    for model in ("stepaudio-2.5-tts", "step-tts-2", "step-tts-9"):
        assert _listed(run("voices", "list", "--model", model)) == everything


@pytest.mark.usefixtures("cloned")
def test_model_without_cloned_voices(run: InProcess) -> None:
    """stepaudio-3-tts would speak with another voice: cloned ones are left out, with a reason."""
    done = run("voices", "list", "--model", "stepaudio-3-tts")
    assert _listed(done) == _listed(run("voices", "list", "--official"))
    assert "stepaudio-3-tts speaks with an official voice instead of a cloned one" in done.stderr


def test_unknown_voice_of_the_service_is_listed_for_every_model(stepcli: Program) -> None:
    answer = {"voices": ["brand-new", "lively-girl"]}
    shown, _ = _list(stepcli, answer, option="--official", model="step-tts-mini")
    assert [line.split()[0] for line in shown.splitlines()] == ["brand-new"]


def _listed(done: Finished) -> set[str]:
    assert done.code == 0, done.stderr
    return {line.split()[0] for line in done.stdout.splitlines()}


def _list(
    stepcli: Program, *bodies: object, option: str = "--cloned", model: str = ""
) -> tuple[str, list[str]]:
    """Return the output for responses with ``bodies``, and the requested paths."""
    answers = (http(json.dumps(body).encode(), kind="application/json") for body in bodies)
    with raw_server(in_turn(*answers)) as server:
        filters = ("--model", model) if model else ()
        where = ("--base-url", server.base, "--retries", "0")
        done = stepcli("voices", "list", option, *filters, *where)
    assert done.code == 0, done.stderr
    return done.stdout, [request.target for request in server.requests]


def test_all_pages_are_requested(stepcli: Program) -> None:
    """Ids may be numbers, and last_id may be missing."""
    shown, paths = _list(
        stepcli,
        {"data": [{"id": 1, "created_at": 1767225600}], "has_more": True, "last_id": 1},
        {"data": [{"id": "two"}, {"file_id": "no id"}, "nonsense"], "has_more": True},
        {"data": [{"id": "three", "created_at": "soon"}], "has_more": False, "last_id": "three"},
    )
    assert [line.split()[0] for line in shown.splitlines()] == ["1", "two", "three"]
    assert [path.partition("&after=")[2] for path in paths] == ["", "1", "two"]


def test_repeated_cursor_ends_the_list(stepcli: Program) -> None:
    page = {"data": [{"id": "a"}], "has_more": True, "last_id": "a"}
    other = {"data": [{"id": "b"}], "has_more": True, "last_id": "b"}
    _, paths = _list(stepcli, page, other, page)
    assert len(paths) == 3


@pytest.mark.parametrize(
    "answer",
    [
        {"voices": ["a", 5, "a", None]},
        {"voices": ["a"], "voices-details": {"a": {"voice-name": ""}, "5": "nonsense"}},
        {"voices": None, "voices-details": {"a": {"recommended_scene": ["x", "y"]}, "5": None}},
    ],
)
def test_missing_and_unexpected_fields_are_accepted(stepcli: Program, answer: object) -> None:
    """Names may be empty, details missing, and scenes a list."""
    shown, _ = _list(stepcli, answer, option="--official")
    assert [line.split()[0] for line in shown.splitlines()] == ["a", "5"]


def test_line_breaks_in_a_description_are_removed(stepcli: Program) -> None:
    body = {"voices": ["a"], "voices-details": {"a": {"voice-description": "x\n\ny   z"}}}
    assert _list(stepcli, body, option="--official")[0] == "a  official  x y z\n"


@pytest.mark.parametrize("character", ["\x1b", "\x9b", "\u202e", "\x7f"])
def test_control_characters_are_escaped_in_a_pipe(character: str, stepcli: Program) -> None:
    name = f"name{character}[2J"
    body = {
        "voices": [f"id{character}"],
        "voices-details": {f"id{character}": {"voice-name": name}},
    }
    shown, _ = _list(stepcli, body, option="--official")
    assert character not in shown
    assert "name\\" in shown


def test_listed_voices_are_remembered_for_completion(
    run: InProcess, service: Sandbox, home: Path, cloned: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    run("voices", "list")
    monkeypatch.setenv("HOME", str(home))
    assert known_voices(BaseURL.parse(service.base), {})[cloned] == "cloned"


def test_completion_script_gets_voices(offline: Program) -> None:
    lines = offline(_STEPCLI_COMPLETE="voices").stdout.splitlines()
    assert {line.partition("\t")[0] for line in lines} >= BUILT_IN
