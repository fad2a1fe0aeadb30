"""What holds for every command: exit codes, variables, files. The manual's common sections."""

from __future__ import annotations

import inspect

from stepcli import errors
from stepcli.errors import INTERRUPTED, TERMINATED, StepcliError

ENVIRONMENT = {
    "STEP_API_KEY, STEPFUN_API_KEY": "The API key. There is no option for it.",
    "STEPCLI_CONFIG": "Names another configuration file.",
    "NO_COLOR": "If set, nothing is coloured.",
    "HTTPS_PROXY, SSL_CERT_FILE": "The proxy to go through, and the certificates to trust.",
}

FILES = {
    "~/.config/stepcli/config.toml": "Settings: see stepcli-config(5).",
    "~/.local/share/stepcli/credentials/key": "The API key, which only its owner can read.",
    "~/.cache/stepcli/": "Names of voices, for completion.",
    "~/.local/state/stepcli/": "What is paid for but not finished, and the last recording.",
}

ELSEWHERE = (
    "XDG_CONFIG_HOME, XDG_DATA_HOME, XDG_CACHE_HOME and XDG_STATE_HOME move these; "
    "on macOS they are below ~/Library, on Windows below %LOCALAPPDATA%."
)


def exit_codes() -> dict[str, str]:
    """Every exit code and what it means, read from the errors themselves."""
    failures = {one.exit_code: _first_sentence(one) for one in _failures()}
    known = {0: "Done.", **failures, StepcliError.exit_code: "Anything not below."}
    known |= {INTERRUPTED: "Interrupted: Ctrl-C.", TERMINATED: "Terminated: SIGTERM."}
    return {str(code): meaning for code, meaning in sorted(known.items())}


def _failures() -> list[type[StepcliError]]:
    classes = [one for _, one in inspect.getmembers(errors, inspect.isclass)]
    return [one for one in classes if issubclass(one, StepcliError)]


def _first_sentence(failure: type[StepcliError]) -> str:
    return " ".join((failure.__doc__ or "").replace("``", "`").split("\n\n")[0].split())
