"""Options that more than one command has, each defined once; help, completion and man follow it."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from stepcli.audio_types import AudioFormat
from stepcli.cli.params.voice_names import voice_id

SOUND_OUT = "Sound out"
MANNER = "Voice and manner"
COMMON = "Every command"


def option(*names: str, help: str, **more: Any) -> Any:
    """An option that takes a value, readable also from ``STEPCLI_<OPTION>``."""
    long = next(name for name in names if name.startswith("--"))
    variable = "STEPCLI_" + long.removeprefix("--").upper().replace("-", "_")
    return typer.Option(*names, help=help, envvar=variable, show_envvar=False, **more)


def flag(*names: str, help: str, **more: Any) -> Any:
    """An option that is there or not."""
    return typer.Option(*names, help=help, **more)


Voice = Annotated[
    str,
    option(
        "--voice",
        "-v",
        metavar="VOICE",
        rich_help_panel=MANNER,
        help="An official voice, a cloned one's id, or your name for it.",
        parser=voice_id,
    ),
]
Instruction = Annotated[
    str | None,
    option(
        "--instruction",
        "-i",
        metavar="TEXT",
        rich_help_panel=MANNER,
        help="How to say it, in words: 'whispering, out of breath'. At most 200 characters.",
    ),
]
Speed = Annotated[
    float | None,
    option("--speed", metavar="X", rich_help_panel=MANNER, help="0.5 to 2.0 times as fast."),
]
Volume = Annotated[
    float | None,
    option("--volume", metavar="X", rich_help_panel=MANNER, help="0.1 to 2.0 times as loud."),
]
Pronounce = Annotated[
    list[str] | None,
    option(
        "--pronounce",
        metavar="A/B",
        rich_help_panel=MANNER,
        help="Say A as B: 'LOL/laugh out loudly', '阿胶/e1胶'. Repeatable.",
    ),
]
Literal = Annotated[
    bool,
    flag("--literal", rich_help_panel=MANNER, help="Speak what stands in ( ) too."),
]
Markdown = Annotated[
    bool,
    flag("--markdown", rich_help_panel=MANNER, help="Strip Markdown before speaking."),
]
Output = Annotated[
    str | None,
    option(
        "--output",
        "-o",
        metavar="FILE",
        rich_help_panel=SOUND_OUT,
        help="Write the sound to FILE; '-' is stdout.",
    ),
]
SampleRate = Annotated[
    int | None,
    option(
        "--sample-rate",
        metavar="HZ",
        rich_help_panel=SOUND_OUT,
        help="8000, 16000, 22050, 24000 or 48000.  [default: 24000]",
    ),
]
SpeechModel = Annotated[
    str,
    option("--model", metavar="NAME", rich_help_panel=MANNER, help="The model that speaks."),
]
Format = Annotated[
    AudioFormat | None,
    option(
        "--format",
        metavar="NAME",
        rich_help_panel=SOUND_OUT,
        help="mp3, wav, flac, opus or pcm.  [default: FILE's extension, else mp3]",
    ),
]
Play = Annotated[
    bool, flag("--play", rich_help_panel=SOUND_OUT, help="Play as well as write FILE.")
]
OutputDevice = Annotated[
    str | None,
    option(
        "--device",
        metavar="NAME|N",
        rich_help_panel=SOUND_OUT,
        help="Play on this device: its number or part of its name.  [default: the system's]",
    ),
]
Jobs = Annotated[
    int, option("--jobs", metavar="N", min=1, max=64, help="Requests at once, at most.")
]


def terminal_flags(
    json: Annotated[
        bool,
        flag("--json", rich_help_panel=COMMON, help="One JSON object on stdout instead of text."),
    ] = False,
    quiet: Annotated[
        bool, flag("--quiet", "-q", rich_help_panel=COMMON, help="Only results and errors.")
    ] = False,
    verbose: Annotated[
        bool, flag("--verbose", rich_help_panel=COMMON, help="Say more on stderr.")
    ] = False,
    debug: Annotated[
        bool,
        flag("--debug", rich_help_panel=COMMON, help="Log what goes over the wire, keys masked."),
    ] = False,
) -> None:
    """What every command has; see ``command``."""


def connection_flags(
    base_url: Annotated[
        str | None,
        option(
            "--base-url", metavar="URL", rich_help_panel=COMMON, help="The service's plan base."
        ),
    ] = None,
    sandbox: Annotated[
        bool,
        flag(
            "--sandbox",
            envvar="STEPCLI_SANDBOX",
            show_envvar=False,
            rich_help_panel=COMMON,
            help="Run against a private local sandbox: no account, no network.",
        ),
    ] = False,
    timeout: Annotated[
        float,
        option(
            "--timeout",
            metavar="S",
            min=0.001,
            max=86400,
            rich_help_panel=COMMON,
            help="Seconds of silence allowed between bytes; no cap on the whole.",
        ),
    ] = 180.0,
    retries: Annotated[
        int,
        option(
            "--retries",
            metavar="N",
            min=0,
            rich_help_panel=COMMON,
            help="How often to try again what surely was not done, or a part of a long text.",
        ),
    ] = 3,
) -> None:
    """What every command has about the service, asked or not; see ``command``."""
