"""Begin to connect to the service before the command line is parsed, if it certainly will be used.

Parsing takes longer than finding the few words that matter here. A command line with anything that
is not known here is left to the parser, which connects when it is time to.
"""

from __future__ import annotations

import os

TYPE_CHECKING = False  # importing typing for it would take time
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from typing import Any

    from stepcli.base_url import BaseURL

    Check = Callable[[str], bool]


def _is_seconds(value: str) -> bool:
    return value.replace(".", "", 1).isdecimal() and 0.001 <= float(value) <= 86400


def _is_jobs(value: str) -> bool:
    return value == "auto" or (value.isdecimal() and 1 <= int(value) <= 64)


def _is_language(value: str) -> bool:
    return value.isascii() and value.replace("-", "").isalpha()


def _is_audio_file(value: str) -> bool:
    extension = os.path.splitext(value)[1].lower()  # noqa: PTH122 - pathlib would be imported for it
    return extension in ("", ".mp3", ".wav", ".flac", ".opus", ".ogg", ".pcm", ".raw")


_COMMON: dict[str, Check | None] = {
    "--json": None, "--quiet": None, "--verbose": None, "--debug": None, "--base-url": bool,
    "--timeout": _is_seconds, "--retries": str.isdecimal, "--model": bool,
}  # fmt: skip
_SPEECH: dict[str, Check | None] = {
    "--file": bool, "--output": _is_audio_file, "--voice": bool, "--instruction": bool,
    "--format": {"mp3", "wav", "flac", "opus", "pcm"}.__contains__, "--device": bool,
    "--play": None, "--literal": None, "--markdown": None,
}  # fmt: skip
_TRANSCRIPTION: dict[str, Check | None] = {
    "--language": _is_language, "--output": bool, "--hotword": bool, "--jobs": _is_jobs,
    "--format": {"text", "json", "jsonl", "srt", "vtt", "lrc", "tsv"}.__contains__,
    "--no-itn": None, "--no-cache": None,
}  # fmt: skip
OPTIONS: dict[str, dict[str, Check | None]] = {
    "speak": _COMMON | _SPEECH | {"--jobs": _is_jobs},
    "stream": _COMMON | _SPEECH,
    "transcribe": _COMMON | _TRANSCRIPTION,
}
"""The options with which a command uses the service, and what tells whether a value is valid; None
for a flag. A value that is valid but not known here only costs the early connection."""
SHORT = {
    "-q": "--quiet", "-f": "--file", "-o": "--output", "-v": "--voice", "-i": "--instruction",
    "-l": "--language",
}  # fmt: skip


def connect_ahead(arguments: Sequence[str], environ: Mapping[str, str]) -> None:
    """Begin to connect in a thread, unless the command might not use the service.

    Where a standard stream is closed, nothing is opened before a substitute has its number.
    """
    if not _standard_streams_are_open():
        return
    if base := service_of(arguments, environ, stdin_is_terminal=_stdin_is_terminal()):
        from stepcli.api.early_connection import connect_early

        connect_early(base)


def service_of(
    arguments: Sequence[str], environ: Mapping[str, str], *, stdin_is_terminal: bool
) -> BaseURL | None:
    """Return the base URL that the command will send a request to directly; None if in doubt."""
    found = _understood(arguments)
    if found is None or environ.get("STEPCLI_SANDBOX"):
        return None
    command, words, values = found
    if not _has_input(command, words, values, stdin_is_terminal=stdin_is_terminal):
        return None
    if not _has_output(values.get("--output", "")):
        return None
    from stepcli.errors import StepcliError

    try:
        return _direct_base(command, values.get("--base-url"), environ)
    except StepcliError:  # the command reports it
        return None


def _understood(
    arguments: Sequence[str],
) -> tuple[str, list[str], dict[str, str]] | None:
    """Return the command, its words and the values of its options, if all of them are known."""
    known = next((OPTIONS[word] for word in arguments if word in OPTIONS), None)
    if known is None:
        return None
    words: list[str] = []
    values: dict[str, str] = {}
    rest = iter(arguments)
    for word in rest:
        if word == "--":
            words += rest
        elif word == "-" or not word.startswith("-"):
            words.append(word)
        else:
            name, has_value, value = word.partition("=")
            name = SHORT.get(name, name)
            check = known.get(name)
            if name not in known or (has_value and not check):
                return None
            if check and not check(value := value if has_value else next(rest, "")):
                return None
            values[name] = value
    if words[:1] and words[0] in OPTIONS and OPTIONS[words[0]] is known:
        return words[0], words[1:], values
    return None


def _has_input(
    command: str, words: Sequence[str], values: Mapping[str, str], *, stdin_is_terminal: bool
) -> bool:
    """Return whether there is something to speak or to transcribe, as far as a look can tell."""
    if command == "transcribe":
        files = [word for word in words if word != "-"]
        return bool(words or not stdin_is_terminal) and all(map(_has_contents, files))
    if file := values.get("--file"):
        return not words and os.path.exists(file)  # noqa: PTH110 - pathlib would be imported for it
    if words and words != ["-"]:
        return bool(" ".join(words).strip())
    return not stdin_is_terminal or command == "stream"


def _has_contents(file: str) -> bool:
    return os.path.isfile(file) and os.path.getsize(file) > 0  # noqa: PTH113, PTH202


def _has_output(file: str) -> bool:
    if file == "-":
        return not os.isatty(1)
    return os.path.isdir(os.path.dirname(file) or ".")  # noqa: PTH112, PTH120


def _direct_base(command: str, given: str | None, environ: Mapping[str, str]) -> BaseURL | None:
    """Return the base URL if there is a key for it and no proxy before it.

    Raise StepcliError for settings that cannot be used.
    """
    from stepcli.base_url import BaseURL
    from stepcli.settings import DEFAULT_BASE_URL, load_config

    config = load_config(environ)
    table = config.get(command)
    configured = _parameters(config) | _parameters(table if isinstance(table, dict) else {})
    if configured.get("sandbox") or configured.get("dry_run"):
        return None
    if not _are_valid(command, configured, environ):
        return None
    text = given or environ.get("STEPCLI_BASE_URL") or configured.get("base_url")
    base = BaseURL.parse(str(text or DEFAULT_BASE_URL))
    return base if _has_key(environ) and not _has_proxy(base, environ) else None


def _are_valid(command: str, configured: Mapping[str, Any], environ: Mapping[str, str]) -> bool:
    """Return whether the values in the config file and the environment are valid."""
    for name, check in OPTIONS[command].items():
        parameter = name.removeprefix("--").replace("-", "_")
        values = (configured.get(parameter), environ.get(f"STEPCLI_{parameter.upper()}"))
        if check and not all(check(str(value)) for value in values if value):
            return False
    return True


def _parameters(table: Mapping[str, Any]) -> dict[str, Any]:
    return {key.replace("-", "_"): value for key, value in table.items()}


def _has_key(environ: Mapping[str, str]) -> bool:
    """Return whether there is a key, without asking the keyring for it."""
    from stepcli.settings import KEY_VARIABLES, checked_key, key_path

    for name in KEY_VARIABLES:
        if secret := environ.get(name, "").strip():
            return bool(checked_key(secret, name))
    return key_path().exists()


def _has_proxy(base: BaseURL, environ: Mapping[str, str]) -> bool:
    from stepcli.settings import may_have_proxy

    if not base.encrypted or not may_have_proxy(environ):
        return False
    from stepcli.api.network import proxy_for

    return proxy_for(base) is not None


def _standard_streams_are_open() -> bool:
    try:
        for number in range(3):
            os.fstat(number)
    except OSError:
        return False
    return True


def _stdin_is_terminal() -> bool:
    try:
        return os.isatty(0)
    except OSError:
        return False
