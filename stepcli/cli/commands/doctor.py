"""``stepcli doctor``: check the setup and suggest fixes."""

from __future__ import annotations

import os
import platform
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from stepcli import __version__
from stepcli.base_url import BaseURL
from stepcli.cli.commands.auth import masked
from stepcli.cli.context import Run, Settings
from stepcli.cli.io.table import Column, show_table
from stepcli.cli.io.terminal import Terminal
from stepcli.cli.params._click import current_root
from stepcli.cli.params.command import command, command_app
from stepcli.cli.params.config_file import ConfigFile
from stepcli.cli.params.config_keys import setting_of
from stepcli.errors import AuthError, StepcliError, UsageError
from stepcli.settings import OWN_NAMES, config_path, load_config

OK, WARNING, FAILED = "ok", "warning", "FAILED"
_STYLES = {OK: "green", WARNING: "yellow", FAILED: "bold red"}

_LIBRARIES = (
    "httpx", "websockets", "typer", "rich", "numpy", "sounddevice", "soundfile", "soxr", "lameenc",
)  # fmt: skip
_MAX_CLOCK_SKEW = 60.0

app = command_app()


@dataclass(frozen=True, slots=True)
class CheckResult:
    """One line of the report; ``exit_code`` is 0 unless speaking or transcribing cannot work."""

    name: str
    state: str
    detail: str
    remedy: str | None = None
    exit_code: int = 0

    def as_json(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "state": self.state.lower(),
            "detail": self.detail,
            "remedy": self.remedy,
        }


@command(app)
def doctor(run: Run) -> int:
    """Check the setup and suggest fixes.

    Exits with 0 if speaking and transcribing work, else with the exit code of the first problem.
    """
    results = []
    for result in _all_checks(run):
        results.append(result)
        if not run.terminal.json:
            _show(run.terminal, result)
    code = next((one.exit_code for one in results if one.exit_code), 0)
    verdict = _verdict(results)
    if run.terminal.json:
        checks = [one.as_json() for one in results]
        run.terminal.result_json(
            {"ok": not code, "exit_code": code, "verdict": verdict, "checks": checks}
        )
    else:
        run.terminal.row(verdict)
    return code


def _verdict(results: list[CheckResult]) -> str:
    """Return one sentence about all ``results``."""
    failures = [one.name for one in results if one.exit_code]
    warnings = [one.name for one in results if one.state == WARNING]
    if failures:
        return f"Speaking and transcribing do not work yet: fix {', '.join(failures)}."
    if warnings:
        return f"Speaking and transcribing work; look at {', '.join(warnings)}."
    return "Everything works."


def _all_checks(run: Run) -> Iterator[CheckResult]:
    yield from check_service(run)
    yield from check_machine()


def _show(terminal: Terminal, result: CheckResult) -> None:
    columns = (Column(_STYLES[result.state], 7), Column(width=11), Column())
    rows = [(result.state, result.name, result.detail)]
    if result.remedy:
        rows.append(("", "", f"→ {result.remedy}"))
    show_table(terminal, rows, columns)


def required(name: str, check: Callable[[], str]) -> CheckResult:
    """Return the result of ``check``; speaking and transcribing do not work if it fails."""
    try:
        return CheckResult(name, OK, check())
    except StepcliError as exc:
        return failed(name, exc)


def optional(name: str, check: Callable[[], str]) -> CheckResult:
    """Return the result of ``check``; a failure is a warning."""
    try:
        return CheckResult(name, OK, check())
    except StepcliError as exc:
        return CheckResult(name, WARNING, exc.message, exc.hint)


def failed(name: str, error: StepcliError) -> CheckResult:
    remedy = error.hint or "run the command again with --debug to see the network traffic"
    return CheckResult(name, FAILED, error.message, remedy, error.exit_code)


def check_service(run: Run) -> Iterator[CheckResult]:
    """Check the settings and then the connection, up to the first step that fails."""
    config_file = required("settings", partial(_config_file, run.environ))
    yield config_file
    if config_file.state == OK:
        yield from _unknown_settings(run.environ)
    with ExitStack() as stack:
        try:
            settings = stack.enter_context(run.settings())
        except AuthError as exc:
            yield failed("key", exc)
            yield from _check_connection(run.base_url)
            return
        except UsageError as exc:
            yield failed("base URL", exc)
            return
        yield CheckResult("key", OK, f"{masked(settings.key.secret)} from {settings.key.source}")
        connection = list(_check_connection(settings.base_url))
        yield from connection
        if not any(result.exit_code for result in connection):
            yield from _check_key(run, settings)


def _check_connection(base: BaseURL) -> Iterator[CheckResult]:
    from stepcli.api.diagnostics import connect, look_up
    from stepcli.api.network import proxy_for

    yield CheckResult("base URL", OK, str(base))
    try:
        proxy = proxy_for(base)
    except UsageError as exc:
        yield failed("proxy", exc)
        return
    if proxy:
        yield CheckResult("proxy", OK, f"{proxy} resolves names and connects")
        return
    dns = required("DNS", lambda: f"{base.host} has the address {', '.join(look_up(base))}")
    yield dns
    if not dns.exit_code:
        yield required("connection", lambda: _connected(*connect(base)))


def _connected(seconds: float, tls: str | None) -> str:
    return f"{1000 * seconds:.0f} ms, {tls or 'not encrypted; this machine'}"


def _check_key(run: Run, settings: Settings) -> Iterator[CheckResult]:
    from stepcli.api.diagnostics import check_key

    try:
        with run.client_of(settings) as client:
            check = check_key(client)
    except StepcliError as exc:
        yield failed("service", exc)
        return
    latency = f"{1000 * check.first_byte:.0f} ms to the first byte"
    yield CheckResult("service", OK, f"accepts the key, {latency}")
    if check.reservation:
        remedy = check.reservation.hint or _REFUSED_MODELS
        yield CheckResult("account", WARNING, check.reservation.message, remedy)
    if check.skew is not None:
        yield _clock(check.skew)


_REFUSED_MODELS = "the key is valid, but the service refused to list the models"


def _clock(skew: float) -> CheckResult:
    """Return the result for a clock that is ``skew`` seconds ahead of the service."""
    detail = f"{abs(skew):.0f} s {'ahead of' if skew > 0 else 'behind'} the service's"
    if abs(skew) <= _MAX_CLOCK_SKEW:
        return CheckResult("clock", OK, detail)
    return CheckResult(
        "clock",
        WARNING,
        detail,
        "set the clock of this machine; TLS certificates depend on it",
    )


def _config_file(environ: Mapping[str, str]) -> str:
    path = config_path(environ)
    load_config(environ)
    return str(path) if path.exists() else f"no config file; it would be {path}"


def _unknown_settings(environ: Mapping[str, str]) -> Iterator[CheckResult]:
    """Yield a warning for each key of the config file that no command reads."""
    for key, _ in ConfigFile(environ).values():
        if key.partition(".")[0] in OWN_NAMES:
            continue
        try:
            setting_of(key, current_root())
        except UsageError as exc:
            yield CheckResult("setting", WARNING, exc.message, exc.hint)


def check_machine() -> Iterator[CheckResult]:
    """Check programs, libraries and devices."""
    from stepcli.audio.ffmpeg import ffmpeg_path
    from stepcli.audio.portaudio import portaudio_version
    from stepcli.audio.sound_file import REQUIRED_FORMATS, libsndfile_version

    python = f"Python {platform.python_version()}"
    yield CheckResult("versions", OK, f"stepcli {__version__}, {python}, {platform.platform()}")
    yield CheckResult("libraries", OK, _libraries())
    yield required("libsndfile", lambda: f"{libsndfile_version()}, {', '.join(REQUIRED_FORMATS)}")
    yield optional("ffmpeg", ffmpeg_path)
    portaudio = optional("PortAudio", portaudio_version)
    yield portaudio
    if portaudio.state == OK:
        yield optional("loudspeaker", _loudspeaker)
        yield optional("microphone", _microphone)
    yield optional("completion", _completion)


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
    """Return the path of the completion script of the current shell."""
    from stepcli.cli.completion.install import SHELLS, installed_script

    shell = Path(os.environ.get("SHELL", "")).name
    if shell not in SHELLS:
        return f"not checked for {shell or 'an unknown shell'}"
    script = installed_script(shell)
    if script is None:
        raise UsageError(f"not installed for {shell}", hint="stepcli --install-completion")
    return str(script)
