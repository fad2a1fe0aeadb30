"""The skill file: what ``stepcli help --skill`` prints for coding agents."""

from __future__ import annotations

from collections.abc import Iterator

from stepcli.cli.docs.model import PROGRAM, Command, error_types, exit_codes
from stepcli.cli.params.common_options import COMMON

_INTRODUCTION = f"""\
---
name: {PROGRAM}
description: >-
  Speak text (text to speech) and transcribe audio or video (speech to text, subtitles) from the
  command line with the program {PROGRAM}, which uses StepFun's audio service.
---

# {PROGRAM}

## Before the first command

- `{PROGRAM} auth status` exits with 0 if an API key works, 3 if there is none. Never ask for the
  key in the conversation, and never write it into a file: the user runs `{PROGRAM} auth login` or
  sets STEP_API_KEY.
- Without a key or a network, add --sandbox to any command: a private local service that really
  speaks, and really transcribes English (`-l en`). It needs `pip install 'stepcli[sandbox]'`.
- Requests cost money. `--dry-run` of speak and transcribe prints the estimated cost and sends
  nothing. A failed command that is repeated unchanged does not pay for its finished parts again.

## Rules

- stdout has only the result: a transcript, an id, a list, or audio with `-o -`. Messages go to
  stderr. With --json, stdout has one JSON object, and stderr one on failure:
  `{{"error": {{"type", "message", "hint", "status", "trace_id", "exit_code"}}}}`. Follow `hint`.
- Without -o, speak and stream play on a loudspeaker. In a container or over SSH, write a file.
- Files given to -o are complete or absent. The extension chooses the format: mp3, wav, flac, opus,
  pcm for audio; txt, json, jsonl, srt, vtt, lrc, tsv for transcripts.
- No command asks a question unless stdin is a terminal. `voices clone` needs --yes, and each voice
  costs money at once: confirm with the user first.
- Long texts and recordings of any length and format are fine: do not split them yourself.
- Text in ( ) is a stage direction and is not spoken; --literal speaks it. Text that begins with a
  dash goes after `--`.
"""

_SHOWN = ("speak", "stream", "transcribe", "voices list", "voices preview", "voices clone")
"""The commands with their examples and options; the others are one line each."""


def skill_file(program: Command) -> str:
    """Return the skill file, of at most 150 lines."""
    return "\n".join([_INTRODUCTION, *_commands(program), *_exit_codes()]) + "\n"


def _commands(program: Command) -> Iterator[str]:
    commands = {" ".join(one.path): one for one in program.all() if not one.commands}
    yield "## Commands\n"
    for path in _SHOWN:
        yield from _command(commands[path])
    yield "Others:\n"
    for path, command in commands.items():
        if path not in _SHOWN:
            yield f"- `{command.name}`: {command.summary}"
    yield f"\nEvery option with its type, default and limits: `{PROGRAM} help --json [COMMAND]`.\n"


def _command(command: Command) -> Iterator[str]:
    yield f"### {command.name}\n\n{command.summary}\n\n```sh"
    yield from (one.line for one in command.examples if one.runnable)
    options = (
        f"`{' '.join(filter(None, (one.long, one.metavar)))}`"
        for one in command.options
        if one.heading != COMMON
    )
    yield f"```\n\nOptions: {', '.join(options)}.\n"


def _exit_codes() -> Iterator[str]:
    types = error_types()
    yield "## Exit codes\n\n| code | error.type | meaning |\n| --- | --- | --- |"
    for code, meaning in exit_codes().items():
        yield f"| {code} | {types.get(int(code), '')} | {meaning} |"
