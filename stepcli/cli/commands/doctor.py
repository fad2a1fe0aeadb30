"""What ``stepcli doctor`` looks at, one thing a function: a detail, or it raises."""

from __future__ import annotations

import os
import platform
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from stepcli import __version__
from stepcli.cli.commands.auth import masked
from stepcli.cli.context import Run
from stepcli.cli.io.terminal import Column, Terminal, show_row
from stepcli.cli.params.command import command, command_app
from stepcli.errors import AuthError, StepcliError, UsageError
from stepcli.settings import ALIASES, DEFAULT_BASE_URL, Settings, config_path, load_config

OK, WARNING, FAILED = "ok", "warning", "FAILED"

_LIBRARIES = ("httpx", "websockets", "typer", "rich", "numpy", "sounddevice", "soundfile", "soxr")
_SKEW = 60.0


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the report. ``exit_code`` is 0 unless it keeps the program from its work."""

    name: str
    state: str
    detail: str
    remedy: str | None = None
    exit_code: int = 0

    def described(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "state": self.state.lower(),
            "detail": self.detail,
            "remedy": self.remedy,
        }


def vital(name: str, look: Callable[[], str]) -> Finding:
    """A finding about what speaking and transcribing cannot do without."""
    try:
        return Finding(name, OK, look())
    except StepcliError as exc:
        return failed(name, exc)


def useful(name: str, look: Callable[[], str]) -> Finding:
    """A finding about what only some ways to use the program need."""
    try:
        return Finding(name, OK, look())
    except StepcliError as exc:
        return Finding(name, WARNING, exc.message, exc.hint)


def failed(name: str, failure: StepcliError) -> Finding:
    remedy = failure.hint or "try again with --debug, which shows what went over the wire"
    return Finding(name, FAILED, failure.message, remedy, failure.exit_code)


def service(run: Run) -> Iterator[Finding]:
    """Settings, then the way to the service step by step, as far as it is open."""
    settings_file = vital("settings", _config)
    yield settings_file
    if settings_file.state == OK:
        yield from _unknown_settings()
    with ExitStack() as stack:
        try:
            settings = stack.enter_context(run.settings())
        except AuthError as exc:
            yield failed("key", exc)
            yield from _way(run.connection.base_url or DEFAULT_BASE_URL)
            return
        except UsageError as exc:
            yield failed("base URL", exc)
            return
        yield Finding("key", OK, f"{masked(settings.key.secret)} from {settings.key.source}")
        way = list(_way(settings.base_url))
        yield from way
        if not any(finding.exit_code for finding in way):
            yield from _reception(run, settings)


def _way(base_url: str) -> Iterator[Finding]:
    from stepcli.api.diagnostics import Place, connect, look_up, proxy_to

    place = Place.of(base_url)
    yield Finding("base URL", OK, base_url)
    if proxy := proxy_to(place):
        yield Finding("proxy", OK, f"{proxy} looks up and connects")
        return
    found = vital("DNS", lambda: f"{place.host} is at {', '.join(look_up(place))}")
    yield found
    if not found.exit_code:
        yield vital("connection", lambda: _connected(*connect(place)))


def _connected(seconds: float, tls: str | None) -> str:
    return f"{1000 * seconds:.0f} ms, {tls or 'not encrypted, to this machine'}"


def _reception(run: Run, settings: Settings) -> Iterator[Finding]:
    from stepcli.api.diagnostics import ask

    try:
        with run.client_of(settings) as client:
            reception = ask(client)
    except StepcliError as exc:
        yield failed("service", exc)
        return
    wait = f"{1000 * reception.first_byte:.0f} ms to the first byte"
    yield Finding("service", OK, f"accepts the key, {wait}")
    if reception.reservation:
        yield Finding("open base", WARNING, reception.reservation.message, _WITHOUT_OPEN_BASE)
    if reception.skew is not None:
        yield _clock(reception.skew)


_WITHOUT_OPEN_BASE = "only listing voices and uploading samples need it; ask StepFun to allow them"


def _clock(skew: float) -> Finding:
    """``skew`` is how many seconds this machine is ahead."""
    detail = f"{abs(skew):.0f} s {'ahead of' if skew > 0 else 'behind'} the service's"
    if abs(skew) <= _SKEW:
        return Finding("clock", OK, detail)
    return Finding("clock", WARNING, detail, "set the clock right: certificates depend on it")


def _config() -> str:
    path = config_path(os.environ)
    load_config(os.environ)
    return str(path) if path.exists() else f"none set; they would be in {path}"


def _unknown_settings() -> Iterator[Finding]:
    """Keys of the config file that no command will ever read."""
    from stepcli.cli.params.config_file import ConfigFile
    from stepcli.cli.params.config_keys import option_of

    for key, _ in ConfigFile(os.environ).values():
        if key.partition(".")[0] == ALIASES:
            continue
        try:
            option_of(key)
        except UsageError as exc:
            yield Finding("setting", WARNING, exc.message, exc.hint)


def machine() -> Iterator[Finding]:
    """What this machine brings: programs, libraries, devices."""
    from stepcli.audio.dependencies import FORMATS, ffmpeg, libsndfile, portaudio_version

    python = f"Python {platform.python_version()}"
    yield Finding("versions", OK, f"stepcli {__version__}, {python}, {platform.platform()}")
    yield Finding("libraries", OK, _libraries())
    yield vital("libsndfile", lambda: f"{libsndfile()}, {', '.join(FORMATS)}")
    yield useful("ffmpeg", ffmpeg)
    portaudio = useful("PortAudio", portaudio_version)
    yield portaudio
    if portaudio.state == OK:
        yield useful("loudspeaker", _loudspeaker)
        yield useful("microphone", _microphone)
    yield useful("completion", _completion)


def _libraries() -> str:
    from importlib.metadata import version

    return ", ".join(f"{name} {version(name)}" for name in _LIBRARIES)


def _loudspeaker() -> str:
    from stepcli.audio.portaudio import find_output

    return str(find_output())


def _microphone() -> str:
    from stepcli.audio.portaudio import find_input

    return str(find_input())


def _completion() -> str:
    """Where the script of the shell in use is."""
    from stepcli.cli.completion.install import SHELLS, installed_script

    shell = Path(os.environ.get("SHELL", "")).name
    if shell not in SHELLS:
        return f"not looked for: {shell or 'an unknown shell'}"
    script = installed_script(shell)
    if script is None:
        raise UsageError(f"not installed for {shell}", hint="stepcli --install-completion")
    return str(script)


app = command_app()

_STYLES = {OK: "green", WARNING: "yellow", FAILED: "bold red"}


@command(app)
def doctor(run: Run) -> int:
    """Check the setup and suggest fixes.

    Exits with 0 if speaking and transcribing work, else with the exit code of the first problem.
    """
    findings = []
    for finding in _findings(run):
        findings.append(finding)
        if not run.terminal.json:
            _show(run.terminal, finding)
    code = next((one.exit_code for one in findings if one.exit_code), 0)
    if run.terminal.json:
        checks = [one.described() for one in findings]
        run.terminal.result_json({"ok": not code, "exit_code": code, "checks": checks})
    return code


def _findings(run: Run) -> Iterator[Finding]:
    yield from service(run)
    yield from machine()


def _show(terminal: Terminal, finding: Finding) -> None:
    columns = (Column(_STYLES[finding.state], 7), Column(width=11), Column())
    show_row(terminal, (finding.state, finding.name, finding.detail), columns)
    if finding.remedy:
        show_row(terminal, ("", "", f"→ {finding.remedy}"), columns)
