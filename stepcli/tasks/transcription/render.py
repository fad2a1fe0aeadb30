"""Render transcripts as text, subtitles, TSV and JSON."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from stepcli.subtitles.formats import DEFAULT_STYLE, Cue, CueStyle, lrc, segment, srt, vtt
from stepcli.tasks.transcription.run import DeltaReceived
from stepcli.tasks.transcription.transcript import Transcript, TranscriptFormat


def render(
    transcript: Transcript,
    format: TranscriptFormat,
    style: CueStyle = DEFAULT_STYLE,
    *,
    paragraphs: bool = False,
) -> str:
    """Return `transcript` as text, srt, vtt, lrc or tsv, with a newline at its end.

    Text has a blank line between `paragraphs` if they are wanted.
    """
    match format:
        case TranscriptFormat.SRT:
            return srt(_named(transcript, style))
        case TranscriptFormat.VTT:
            return vtt(_wrapped(transcript, style), word_times=style.word_times)
        case TranscriptFormat.LRC:
            return lrc(transcript.cues(style))
        case TranscriptFormat.TSV:
            return _tsv(transcript.cues(style))
    return f"{transcript.paragraphs if paragraphs else transcript.text}\n"


class ContinuedRenderer:
    """Renders the utterances of one recording, one at a time, as text, srt, vtt, lrc or tsv.

    `header` and what `add` returns are together one file; in text each utterance is a line.
    """

    def __init__(self, format: TranscriptFormat, style: CueStyle = DEFAULT_STYLE) -> None:
        self._format = format
        self._style = style
        self._cues = 0
        self.header = _HEADERS.get(format, "")

    def add(self, transcript: Transcript) -> str:
        """Return the next utterance; nothing where it has no words."""
        if not transcript.text.strip():
            return ""
        if self._format is TranscriptFormat.TEXT:
            return f"{transcript.text}\n"
        if self._format is TranscriptFormat.SRT:
            cues = _named(transcript, self._style)
            self._cues += len(cues)
            return srt(cues, 1 + self._cues - len(cues))
        return render(transcript, self._format, self._style).removeprefix(self.header)


_TSV_HEAD = "start\tend\ttext\n"
_TSV_HEAD_OF_SPEAKERS = "start\tend\tspeaker\ttext\n"
_HEADERS = {TranscriptFormat.VTT: "WEBVTT\n\n", TranscriptFormat.TSV: _TSV_HEAD}


def transcript_json(
    transcript: Transcript, metadata: Mapping[str, Any], style: CueStyle = DEFAULT_STYLE
) -> dict[str, Any]:
    """Return the JSON object of a transcript; `metadata` has the fields about its input."""
    return {
        **metadata,
        "text": transcript.text,
        "duration": round(transcript.duration, 3),
        "segments": [segment(cue) for cue in transcript.cues(style)],
        "usage": transcript.usage,
        "pieces": len(transcript.ids),
        "ids": transcript.ids,
    }


def empty_json(metadata: Mapping[str, Any], seconds: float) -> dict[str, Any]:
    """Return the JSON object of a recording of `seconds` without speech."""
    nothing = {"text": "", "duration": round(seconds, 3), "segments": [], "usage": {}}
    return {**metadata, **nothing, "pieces": 0, "ids": []}


_SURROGATE = re.compile("[\ud800-\udfff]")


def json_line(value: Mapping[str, Any]) -> str:
    """Return `value` as a line of JSON.

    Bytes of a file name that are not UTF-8 become the escapes that Python reads as those bytes.
    """
    text = json.dumps(value, ensure_ascii=False)
    return _SURROGATE.sub(lambda match: json.dumps(match[0])[1:-1], text) + "\n"


def delta_line(received: DeltaReceived, metadata: Mapping[str, Any]) -> str:
    """Return a delta as a line of jsonl; times are in seconds of the recording, null if unknown."""
    delta, offset = received.delta, received.segment.start
    times = {
        name: None if value is None else round(offset + value, 3)
        for name, value in (("start", delta.start), ("end", delta.end))
    }
    speaker = {"speaker": received.segment.speaker} if received.segment.speaker else {}
    return json_line({"type": "delta", **metadata, **speaker, "text": delta.text, **times})


def utterance_line(transcript: Transcript, metadata: Mapping[str, Any]) -> str:
    """Return an utterance as a line of jsonl; times are in seconds of the recording."""
    first, last = transcript.segments[0], transcript.segments[-1]
    times = {"start": round(first.start, 3), "end": round(last.end, 3)}
    return json_line({"type": "utterance", **times, "text": transcript.text, **metadata})


def partial_line(start: float, end: float, stable: str, tentative: str) -> str:
    """Return what was recognized so far from `start` to `end` as a line of jsonl."""
    times = {"start": round(start, 3), "end": round(end, 3)}
    words = {"text": stable + tentative, "stable": stable}
    return json_line({"type": "partial", **times, **words})


def _tsv(cues: Sequence[Cue]) -> str:
    """Return rows of start and end in milliseconds and the text, as whisper writes them.

    The speaker, if there is one, has a column before the text.
    """
    has_speakers = any(cue.speaker for cue in cues)
    rows = [
        "\t".join(
            (
                f"{round(1000 * cue.start)}",
                f"{round(1000 * cue.end)}",
                *([cue.speaker or ""] if has_speakers else ()),
                f"{cue.text}\n",
            )
        )
        for cue in cues
    ]
    return "".join([_TSV_HEAD_OF_SPEAKERS if has_speakers else _TSV_HEAD, *rows])


def _wrapped(transcript: Transcript, style: CueStyle) -> list[Cue]:
    from stepcli.subtitles.cues import wrap

    return wrap(transcript.cues(style), style)


def _named(transcript: Transcript, style: CueStyle) -> list[Cue]:
    """Return wrapped cues that begin with the name of their speaker, if they have one."""
    from stepcli.subtitles.cues import wrap

    cues = [replace(cue, text=cue.named_text, speaker=None) for cue in transcript.cues(style)]
    return wrap(cues, style)
