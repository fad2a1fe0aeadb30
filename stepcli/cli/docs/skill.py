"""The skill file: what ``stepcli help --skill`` prints for coding agents."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from stepcli.cli.docs.model import PROGRAM, Command, error_types, exit_codes
from stepcli.cli.docs.results import other_result_schemas, result_schema
from stepcli.cli.params.common_options import COMMON

_INTRODUCTION = f"""\
---
name: {PROGRAM}
description: >-
  Speak text (text to speech) and transcribe audio or video (speech to text, subtitles) from the
  command line with the program {PROGRAM}, which uses StepFun's audio service.
---

# Before the first command

- `{PROGRAM} auth status` exits with 0 if an API key works, 3 if there is none. Never ask for the
  key in the conversation, and never write it into a file: the user runs `{PROGRAM} auth login` or
  sets STEP_API_KEY.
- Without a key or a network, add --sandbox to any command, or set STEPCLI_SANDBOX=1: a private
  local service that really speaks, and really transcribes English (`-l en`). It needs
  `pip install 'stepcli[sandbox]'`. It ends with its command, and cloned voices end with it:
  `stepcli sandbox` keeps one running, as in the last task.
- Requests cost money. `--dry-run` of speak and transcribe sends nothing, needs no key and prints
  the estimated cost (`estimated_cost` of --json: `{{"amount", "currency"}}`). Repeating a failed
  command unchanged does not pay for its finished parts again.

# Rules

- stdout has only the result: a transcript, an id, a list, or audio with `-o -`. Messages go to
  stderr; -q leaves only errors. With --json, stdout has one JSON object; on failure, the last line
  of stderr is one: `{{"error": {{"type", "message", "hint", "status", "trace_id", "exit_code"}}}}`.
  Follow `hint`, but ask the user before you do what spends money.
- Without -o, speak and stream play on a loudspeaker. In a container or over SSH, write a file.
- Files given to -o are complete or absent; their directory must exist (that of --output-dir is
  made). The extension chooses the format: mp3, wav, flac, opus, pcm for audio; txt, json, jsonl,
  srt, vtt, lrc, tsv for transcripts. --format takes the same words, with `text` for txt.
- No command asks a question unless stdin is a terminal. `voices clone me.wav --yes` takes 5 to 10 s
  of speech and prints the new id for -v; with `--name me`, `me` is a voice as well. Each one costs
  money at once: confirm with the user first.
- Long texts and recordings of any length and format are fine: do not split them yourself. Text
  that is still being written goes to stream: `producer | stepcli stream -v lively-girl -o out.wav`.
- Text in ( ) is a stage direction and is not spoken; --literal speaks it. Text that begins with a
  dash goes after `--`.

# Tasks

Speak to a file. `stepcli voices list` prints a voice per line: id, kind, language and description;
with --json, `voices` is a list of objects with `id`, `kind`, `language`, `sex`, `english`.

```sh
stepcli speak -v vibrant-youth --speed 0.9 "The meeting starts at ten." -o meeting.mp3
```

Make many files: all lines are plain text, or all are objects with `text`, and if needed `id` (the
name of the file) and options about the voice: `voice`, `speed`, `instruction`.

```sh
cat >lines.jsonl <<'END'
{{"id": "welcome", "text": "Welcome.", "voice": "lively-girl"}}
{{"id": "goodbye", "text": "Goodbye.", "voice": "vibrant-youth", "speed": 0.9}}
END
stepcli speak --batch lines.jsonl --output-dir out --format wav --skip-existing
```

Make one recording with several voices. Only names that a --cast gives change the voice; an entry
may have more options: `--cast 'Ben=vibrant-youth, speed=0.9, instruction=tired'`.

```sh
cat >play.txt <<'END'
Anna: Good morning, Ben.
[pause 0.5]
Ben: Good morning.
END
stepcli speak --script play.txt --cast Anna=lively-girl --cast Ben=vibrant-youth -o play.mp3
```

Write subtitles, with a name that occurs. After a failure, the same command continues.

```sh
set -- transcribe talk.wav -l en --hotword StepFun -o talk.srt
stepcli "$@" || case $? in 5 | 6) sleep 10 && stepcli "$@" ;; *) exit ;; esac
```

See what a script does when requests fail. The number in --fault is that of the request, `1+` is
every one; 429 and 5xx are retried 3 times. `stepcli help sandbox` lists the faults.

```sh
stepcli sandbox --fault speech:1:402 >sandbox.env & sandbox=$!
until grep -q KEY sandbox.env; do sleep 0.1; done
. ./sandbox.env
stepcli speak -q --json Hi -o hi.mp3 2>error.json || jq .error.hint error.json; kill $sandbox
```
"""

_SHOWN = ("speak", "transcribe")
"""The commands with their examples and options; the others are one line each."""

_REMEDIES = {
    2: "Change the command as `hint` says.",
    3: "Ask the user to run `stepcli auth login`, or use --sandbox.",
    4: "If `status` is 429, wait and repeat the command; if 402, report it.",
    5: "Repeat the command.",
    6: "Repeat the command.",
    7: "Write a file with -o.",
    8: "Free space, or write to another directory.",
    10: "Change the text.",
}
"""What an agent does about an exit code. The others need no table."""


def skill_file(program: Command) -> str:
    """Return the skill file, of at most 150 lines."""
    return "\n".join([_INTRODUCTION, *_commands(program), *_exit_codes()]) + "\n"


def _commands(program: Command) -> Iterator[str]:
    yield "# Commands\n"
    shown = [one for one in program.commands if one.path[0] in _SHOWN]
    for command in shown:
        yield from _command(command)
    yield "Others:\n"
    for command in program.commands:
        if command not in shown:
            names = ", ".join(f"`{one.name}`" for one in command.commands or [command])
            yield f"- {names}: {command.summary}"
    yield f"\nEvery option with its type, default and limits: `{PROGRAM} help --json [COMMAND]`.\n"


def _command(command: Command) -> Iterator[str]:
    arguments = (f"`{one.usage}`: {one.help}" for one in command.arguments)
    yield f"## {command.name}\n\n{' '.join((command.summary, *arguments))}\n\n```sh"
    yield from (one.line for one in command.examples if one.runnable)
    options = (
        f"`{' '.join(filter(None, (one.long, one.metavar)))}`"
        for one in command.options
        if one.heading != COMMON and not one.advanced
    )
    yield f"```\n\nOptions: {', '.join(options)}.\n"
    fields = [_fields(result_schema(command.path) or {})]
    for condition, schema in other_result_schemas(command.path).items():
        fields.append(f"with {condition}: {_fields(schema)}")
    yield f"Fields of --json: {'; '.join(fields)}.\n"


def _fields(schema: dict[str, Any]) -> str:
    return ", ".join(f"`{name}`" for name in schema.get("properties", {}))


def _exit_codes() -> Iterator[str]:
    types = error_types()
    yield "# Exit codes\n\n| code | error.type | meaning | what to do |\n| --- | --- | --- | --- |"
    for code, meaning in exit_codes().items():
        if remedy := _REMEDIES.get(int(code)):
            yield f"| {code} | {types[int(code)]} | {meaning} | {remedy} |"
    yield "\n0 is success, 1 an unexpected error; 130 and 143: the command was interrupted."
