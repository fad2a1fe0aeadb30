"""``stepcli speak --script`` and ``--timed``: several voices, pauses and times in one sound."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from stepcli.cli.context import Run
from stepcli.cli.io.text_input import read_text
from stepcli.cli.params.options import flag, option, option_group
from stepcli.cli.params.usage_errors import refuse_given
from stepcli.cli.params.values import SUBTITLES, Files
from stepcli.cli.params.voice_names import voice_id
from stepcli.errors import UsageError
from stepcli.settings import CAST, own_names
from stepcli.tasks.speech.fit import Fit

if TYPE_CHECKING:
    from stepcli.api.speech import SpeechRequest
    from stepcli.tasks.speech.arrangement import Composition, Slot
    from stepcli.tasks.speech.script import Cast


_TEXTS = frozenset(("text", "file", "script", "timed", "batch"))
"""The parameters of ``speak`` that name what it speaks."""


def _check_cast_entry(written: str) -> None:
    """Raise UsageError unless `written` is an entry of the cast."""
    from stepcli.tasks.speech.script import read_cast

    read_cast([_entry(written)])


@option_group("Several voices")
class ScriptOptions:
    """The options of ``speak`` about several voices and times in one sound."""

    script: Path | None = option(
        "--script FILE",
        kind=Files(("txt", "md")),
        help="Speak the script FILE: a line 'NAME: text' changes the voice to that of NAME, "
        "'[pause S]' is S seconds of silence.",
    )
    cast: list[str] | None = option(
        "--cast NAME=VOICE",
        repeatable=True,
        check=_check_cast_entry,
        help="Voice of NAME, with options if you like: 'Ben=VOICE, speed=0.9, "
        "instruction=tired'. Repeatable.",
    )
    no_level: bool = flag(
        "--no-level", advanced=True, help="Do not bring the voices to one loudness."
    )
    timed: Path | None = option(
        "--timed FILE", kind=SUBTITLES, help="Speak each cue of the subtitles FILE at its own time."
    )
    fit: Fit = option(
        "--fit NAME",
        default=Fit.SPEED,
        advanced=True,
        help="What to do with speech too long for its cue: request it again with a higher "
        "speed (speed), change its tempo (stretch), or let it run over (none).",
    )

    @property
    def file(self) -> Path | None:
        """The script or the subtitles."""
        return self.script or self.timed

    def checked(self, given: frozenset[str]) -> ScriptOptions:
        """Return the options of the run: a default script gives way to any text that is given.

        Raise UsageError for options that require one that is missing, or exclude each other.
        """
        texts = given & _TEXTS
        chosen = replace(
            self,
            script=self.script if "script" in given or not texts else None,
            timed=self.timed if "timed" in given or not texts else None,
        )
        chosen._check(given)
        return chosen

    def _check(self, given: frozenset[str]) -> None:
        if self.script and self.timed:
            raise UsageError("--script and --timed cannot be combined")
        for name in ("text", "file"):
            if name in given and self.file:
                what = "TEXT" if name == "text" else "-f FILE"
                raise UsageError(f"{what} cannot be combined with --script or --timed")
        if not self.timed:
            refuse_given(["fit"], given, "requires --timed")
        if {"cast", "no_level"} & given and not self.file:
            raise UsageError("--cast and --no-level require --script or --timed")


def read_composition(
    run: Run, options: ScriptOptions, defaults: SpeechRequest, prepare: Callable[[str], str]
) -> Composition | None:
    """Return what the script or the subtitles describe, None if `options` select neither.

    `prepare` converts the text of a turn to what is sent. Names given with ``--cast`` that do not
    speak are warned of. Raise UsageError, which names the line, for an invalid file.
    """
    if options.file is None:
        return None
    from stepcli.audio.ffmpeg import check_tempo_can_change
    from stepcli.subtitles.parsing import parse_subtitles
    from stepcli.tasks.speech.arrangement import Composition
    from stepcli.tasks.speech.script import script_slots, timed_slots

    given = dict(_entry(one) for one in options.cast or ())
    cast = _cast(run, own_names(CAST, run.environ) | given)
    text = read_text([], options.file, run.terminal)
    prepared: list[str] = []

    def convert(spoken: str) -> str:
        prepared.append(prepare(spoken))
        return prepared[-1]

    if options.timed:
        slots = timed_slots(parse_subtitles(text), cast, defaults, convert)
    else:
        slots = script_slots(text, cast, defaults, convert)
    for slot in slots:
        _check(slot)
    _warn_about_silent_names(run, given, slots)
    fit = options.fit if options.timed else Fit.NONE
    if fit is Fit.STRETCH:
        check_tempo_can_change()
    return Composition(slots, not options.no_level, fit, "\n".join(prepared))


def _check(slot: Slot) -> None:
    """Raise UsageError, which names the speaker, for what the service would refuse."""
    from stepcli.api.speech import check

    try:
        check(slot.request)
    except UsageError as exc:
        if slot.speaker:
            exc.add_context(slot.speaker)
        raise


def _warn_about_silent_names(run: Run, given: Iterable[str], slots: Iterable[Slot]) -> None:
    speakers = {slot.speaker for slot in slots}
    for name in given:
        if name not in speakers:
            run.terminal.warn(f"{name} of --cast speaks nothing in the script")


def _entry(written: str) -> tuple[str, str]:
    name, _, voice = written.partition("=")
    return name.strip(), voice.strip()


def _cast(run: Run, entries: dict[str, str]) -> Cast:
    """Return the cast with the ids of the voices that aliases name."""
    from stepcli.tasks.speech.script import read_cast

    cast = read_cast(entries.items())
    return {
        name: {**fields, "voice": voice_id(fields["voice"], run.environ)}
        for name, fields in cast.items()
    }
