"""The recipes of the manual, run with the other programs or with stand-ins for them."""

from __future__ import annotations

import json
import os
import pty
import re
import shlex
import shutil
import subprocess
import tomllib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest

from stepcli.cli.docs import recipes
from stepcli.cli.docs.chapters import Chapter
from stepcli.cli.docs.recipes import RECIPES
from tests.support.microphones import Microphone
from tests.support.pasted import pasted, stand_in
from tests.support.program import COMMAND, Program, until
from tests.support.recordings import RATE, reading
from tests.support.service import Sandbox

TYPISTS = ("wtype", "ydotool", "xdotool")
DICTATED = "Dictated words."
_PIPELINE = re.compile(r"stepcli transcribe [^\n]*")
_WRITES_INSTEAD = f"""\
case $1 in
  speak | stream) command=$1; shift; set -- $command -o spoken.wav "$@" ;;
esac
exec {shlex.join(COMMAND)} "$@"
"""


def needs(tool: str) -> pytest.MarkDecorator:
    return pytest.mark.skipif(shutil.which(tool) is None, reason=f"{tool} is not installed")


@pytest.fixture
def tools(tmp_path: Path) -> Path:
    """A directory of programs: a stepcli that writes a file instead of playing."""
    directory = tmp_path / "bin"
    stand_in(directory, "stepcli", _WRITES_INSTEAD)
    return directory


@pytest.fixture
def environ(stepcli: Program, service: Sandbox, tools: Path) -> dict[str, str]:  # noqa: ARG001
    environ = stepcli.environment()
    return environ | {"PATH": f"{tools}:{environ['PATH']}", "HOME": str(stepcli.home)}


def _wait_for(service: Sandbox, text: str) -> None:
    """Wait until the service was asked to speak ``text``."""
    until(lambda: text in str(service.log()))


def test_examples_fit_a_narrow_page() -> None:
    lines = [line for one in RECIPES for line in one.example.splitlines()]
    assert max(map(len, lines)) <= 76


def test_build_is_announced(
    environ: dict[str, str], tools: Path, service: Sandbox, tmp_path: Path
) -> None:
    line = recipes.SHELL.example.splitlines()[0]
    stand_in(tools, "make", "exit 2")
    pasted(line, tmp_path, environ, tools)
    assert "status 2" in str(service.log("speech"))


def test_every_official_voice_is_previewed(
    environ: dict[str, str], tools: Path, tmp_path: Path
) -> None:
    loop = recipes.SHELL.example.strip().rpartition("\n\n")[2]
    voices = "printf 'lively-girl official\\nvibrant-youth official\\n'"
    stand_in(tools, "stepcli", f'[ "$2" = list ] && {voices} || echo "$@" >>previewed')
    pasted(loop, tmp_path, environ, tools)
    previewed = (tmp_path / "previewed").read_text().splitlines()
    assert previewed == ["voices preview lively-girl", "voices preview vibrant-youth"]


@needs("jq")
@pytest.mark.parametrize(
    ("event", "message"),
    [("Stop", {"last_assistant_message": "**All** done."}), ("Notification", {"message": "All?"})],
)
def test_hook_of_an_agent_speaks_its_message(
    event: str, message: dict[str, str],
    environ: dict[str, str], service: Sandbox, stepcli: Program,
) -> None:  # fmt: skip
    (group,) = json.loads(recipes.AGENT_HOOKS.example)["hooks"][event]
    (hook,) = group["hooks"]
    script = stepcli.home / ".claude" / "speak.sh"
    script.parent.mkdir()
    script.write_text(recipes.AGENT_SCRIPT.example)
    script.chmod(0o755)
    subprocess.run(
        ["sh", "-c", hook["command"]],
        input=json.dumps(message), text=True, env=environ, cwd=stepcli.home, check=True,
    )  # fmt: skip
    _wait_for(service, "All")


@needs("jq")
def test_codex_speaks_its_message(
    environ: dict[str, str], service: Sandbox, stepcli: Program
) -> None:
    notify = tomllib.loads(recipes.CODEX.example)["notify"]
    message = json.dumps({"type": "agent-turn-complete", "last-assistant-message": "All done."})
    subprocess.run([*notify, message], env=environ, cwd=stepcli.home, check=True)
    _wait_for(service, "All done")


def test_output_of_any_agent_is_spoken(
    environ: dict[str, str], tools: Path, service: Sandbox, stepcli: Program
) -> None:
    stand_in(tools, "claude", "echo '# This' ; echo 'is a repository.'")
    pasted(recipes.ANY_AGENT.example, stepcli.home, environ, tools)
    assert "repository" in str(service.log())
    skill = stepcli.home / ".claude" / "skills" / "stepcli" / "SKILL.md"
    assert skill.read_text().startswith("---\nname: stepcli\n")


@needs("tmux")
def test_tmux_speaks_the_copied_text_and_pastes_a_dictation(
    environ: dict[str, str], tools: Path, service: Sandbox, tmp_path: Path
) -> None:
    (tmp_path / "tmux.conf").write_text(recipes.TMUX.example)
    stand_in(tools, "stepcli", f"[ $1 = transcribe ] && echo {DICTATED} && exit\n{_WRITES_INSTEAD}")
    tmux = ["tmux", "-S", str(tmp_path / "socket"), "-f", str(tmp_path / "tmux.conf")]
    with _tmux_client(tmux, environ, tmp_path) as keyboard:
        until(lambda: _output(tmux, environ, "list-clients"))
        _output(tmux, environ, "set-buffer", "Copied words.")
        os.write(keyboard, b"\x02S")
        _wait_for(service, "Copied words.")
        os.write(keyboard, b"\x02D")
        until(lambda: DICTATED in _output(tmux, environ, "capture-pane", "-p"))


@contextmanager
def _tmux_client(tmux: list[str], environ: Mapping[str, str], cwd: Path) -> Iterator[int]:
    """Yield the keyboard of a terminal with a tmux session, and end it."""
    ours, theirs = pty.openpty()
    with subprocess.Popen(
        [*tmux, "new-session", "cat"],
        stdin=theirs, stdout=theirs, stderr=theirs, cwd=cwd,
        env={**environ, "TERM": "xterm"}, start_new_session=True,
    ):  # fmt: skip
        try:
            yield ours
        finally:
            _output(tmux, environ, "kill-server")
            os.close(ours)
            os.close(theirs)


def _output(tmux: list[str], environ: Mapping[str, str], *command: str) -> str:
    done = subprocess.run(
        [*tmux, *command], env=environ, capture_output=True, text=True, check=False
    )
    return done.stdout


@needs("vim")
def test_vim_speaks_the_selection_and_inserts_a_dictation(
    environ: dict[str, str], tools: Path, service: Sandbox, tmp_path: Path
) -> None:
    stand_in(tools, "stepcli", f"[ $1 = transcribe ] && echo {DICTATED} && exit\n{_WRITES_INSTEAD}")
    (tmp_path / "vimrc").write_text(f"set nocompatible\n{recipes.VIM.example}")
    (tmp_path / "text").write_text("First line.\nSecond line.\n")
    keys = [r"normal ggVj\s", "normal gg", r"normal \d", "wq"]
    commands = [word for key in keys for word in ("-c", key)]
    subprocess.run(
        ["vim", "-es", "-u", "vimrc", *commands, "text"], cwd=tmp_path, env=environ, check=True
    )
    (request,) = service.log("speech")
    assert request["body"]["input"].split() == ["First", "line.", "Second", "line."]
    assert (tmp_path / "text").read_text() == f"First line.\n{DICTATED}\nSecond line.\n"


@needs("speech-dispatcher")
def test_speech_dispatcher_speaks_with_its_voices_and_rates(
    environ: dict[str, str], service: Sandbox, tmp_path: Path
) -> None:
    (tmp_path / "conf" / "modules").mkdir(parents=True)
    (line,) = re.findall("`(AddModule.*?)`", recipes.SPEECH_DISPATCHER.paragraphs[0])
    # The daemon must be able to open a device of its own; libao does so on any machine.
    settings = f'AudioOutputMethod "libao"\n{line}\nDefaultModule stepcli\n'
    (tmp_path / "conf" / "speechd.conf").write_text(settings)
    module = tmp_path / "conf" / "modules" / "stepcli.conf"
    module.write_text(recipes.SPEECH_DISPATCHER.example)
    socket = tmp_path / "socket"
    server = ["speech-dispatcher", "-s", "-c", "unix_socket", "-t", "10"]
    places = ["-C", "conf", "-S", str(socket), "-P", "pid", "-L", "."]
    environ |= {"SPEECHD_ADDRESS": f"unix_socket:{socket}"}
    with subprocess.Popen([*server, *places], cwd=tmp_path, env=environ) as daemon:
        try:
            until(socket.exists)
            for words in (["Don't stop"], ["-l", "zh", "-t", "male1", "-r", "-90", "你好"]):
                say = ["spd-say", "-w", *words]
                subprocess.run(say, env=environ, cwd=tmp_path, check=True, timeout=60)
        finally:
            daemon.terminate()
    first, second = (request["body"] for request in service.log("speech"))
    assert (first["input"], second["input"]) == ("Don't stop", "你好")
    assert (second["voice"], second["speed"]) == ("zixinnansheng", 0.5)


@pytest.mark.parametrize("message", ["The washing machine is done.", 'It\'s "done" 你好 $HOME'])
def test_home_assistant_speaks_the_message(message: str) -> None:
    """Home Assistant fills in the template and splits the command as a shell does."""
    command = recipes.HOME_ASSISTANT.example.partition("speak: ")[2].strip()
    filled = command.replace("{{ message | to_json }}", json.dumps(message, ensure_ascii=False))
    assert shlex.split(filled) == ["stepcli", "speak", "-q", "--", message]


@needs("systemd-analyze")
def test_systemd_accepts_the_timer(tmp_path: Path) -> None:
    units = {"service": recipes.SYSTEMD_SERVICE, "timer": recipes.SYSTEMD_TIMER}
    for suffix, recipe in units.items():
        (tmp_path / f"stepcli-time.{suffix}").write_text(recipe.example)
    verify = ["systemd-analyze", "--user", "verify", "stepcli-time.timer", "stepcli-time.service"]
    environ = {**os.environ, "XDG_RUNTIME_DIR": str(tmp_path)}
    done = subprocess.run(
        verify, cwd=tmp_path, env=environ, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_systemd_service_says_the_time(
    environ: dict[str, str], service: Sandbox, tmp_path: Path
) -> None:
    """systemd replaces ``$$`` and ``%%``, then splits the line."""
    line = recipes.SYSTEMD_SERVICE.example.partition("ExecStart=")[2]
    command = shlex.split(line.replace("$$", "$").replace("%%", "%"))
    subprocess.run(command, cwd=tmp_path, env=environ, check=True)
    assert re.search(r"It is \d\d:\d\d", str(service.log("speech")))


def test_script_is_tested_with_a_fault(
    environ: dict[str, str], tools: Path, tmp_path: Path
) -> None:
    stand_in(tmp_path, "announce.sh", "stepcli speak Hello --verbose 2>log")
    pasted(recipes.FAULTS.example, tmp_path, environ, tools)
    assert (tmp_path / "spoken.wav").stat().st_size > 1000
    assert "2 requests" in (tmp_path / "log").read_text()


def pipelines(text: str) -> list[str]:
    """Return the shell pipelines in the recipes that begin with the program."""
    joined = text.replace("\\\n", " ").replace("|\n", "|")
    return [found.rstrip('"') for found in _PIPELINE.findall(joined)]


def typing(typist: str) -> str:
    """Return the pipeline of the first recipe that ends with `typist`."""
    return next(one for one in pipelines(recipes.DICTATION_KEYS.example) if typist in one)


@pytest.mark.parametrize("recipe", [recipes.DICTATION_KEYS, recipes.LIVE_AUDIO])
def test_pipelines_are_valid_shell(recipe: Chapter) -> None:
    found = pipelines(recipe.example)
    assert found
    for one in found:
        subprocess.run(["sh", "-n", "-c", one], check=True)


@pytest.mark.parametrize("typist", TYPISTS)
def test_key_types_what_was_said(
    environ: dict[str, str], stepcli: Program, microphone: Microphone, tools: Path,
    tmp_path: Path, typist: str,
) -> None:  # fmt: skip
    """Without a line end, which would be the Enter key; ending it types nothing."""
    for name in TYPISTS:
        stand_in(tools, name, f'echo "$@" >>{tmp_path}/asked; cat >>{tmp_path}/typed')
    environ |= {**microphone.environ, "STEPCLI_LANGUAGE": "en"}
    recordings = stepcli.home / ".local/state/stepcli/recordings"
    microphone.hears(reading("beckett")[: 2 * RATE * 4])
    command = ["sh", "-c", typing(typist)]
    with subprocess.Popen(command, env=environ, cwd=stepcli.home) as first:
        until(lambda: any(path.stat().st_size > 8 * RATE for path in recordings.glob("mic-*")))
        assert subprocess.run(command, env=environ, cwd=stepcli.home, check=False).returncode == 0
        assert first.wait(60) == 0
    typed = (tmp_path / "typed").read_text()
    assert typed.startswith("Ever tried")
    assert "\n" not in typed
    assert (tmp_path / "asked").read_text().splitlines()[0].endswith("-")
