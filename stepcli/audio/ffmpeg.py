"""Decode with ffmpeg what libsndfile cannot read: m4a, mp4, mkv, webm, MPEG-TS, amr and more."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import chain
from pathlib import Path

from stepcli.audio.excerpt import AudioFile
from stepcli.audio.m4a import m4a_upload
from stepcli.audio.sample_cache import SampleCache
from stepcli.audio.signal import channels_cancel, frames_of, mono_samples
from stepcli.audio.track import (
    BLOCK,
    SPEECH,
    Track,
    no_audio_error,
    not_audio_error,
    truncated_error,
)
from stepcli.audio_types import PCM
from stepcli.errors import UsageError
from stepcli.storage.temporary_files import anonymous_file

SAFE_FORMATS = (
    "aac,ac3,aiff,amr,amrnb,amrwb,ape,asf,au,avi,caf,dsf,dts,dtshd,eac3,flac,flv,gxf,iff,ircam,"
    "loas,matroska,mlp,mov,mp3,mpc,mpc8,mpeg,mpegts,mxf,nistsphere,nsv,nut,ogg,oma,paf,qcp,rm,shn,"
    "sox,swf,tak,truehd,tta,voc,w64,wav,wtv,wv,xwma"
)
"""The formats that may be read: all of them hold their audio themselves. Others, such as playlists,
concat scripts, manifests and image sequences, would make ffmpeg read other files of the disk."""
_FFMPEG = (
    "ffmpeg", "-nostdin", "-hide_banner",
    "-protocol_whitelist", "file,subfile", "-format_whitelist", SAFE_FORMATS,
)  # fmt: skip
_TIMED = {"asf", "avi", "flv", "matroska", "mov"}
"""Formats with a time for each packet, in which browsers and editors leave out silence.

MPEG-TS is not among them: where its channels or rate change, as they do between broadcasts,
``aresample`` begins anew and would fill all the time since the beginning.
"""
_FILL_GAPS = "aresample=async=1:first_pts=0"
"""Replaces gaps with silence, so that what follows is at its own time."""
_AUDIO_ONLY = ("-vn", "-sn", "-dn")
_DURATION = re.compile(r"Duration: (\d+):(\d\d):(\d\d\.\d+)")
_FORMAT = re.compile(r"Input #0, (\w+)")
_IS_STEREO = re.compile(r"Stream #\S+.*: Audio: .*\bstereo\b")
_CHANNELS = re.compile(r"Stream #\S+.*: Audio: .*? Hz, ([^,(]+)")
_RATE = re.compile(r"Stream #\S+.*: Audio: .*?(\d+) Hz")
_HAS_AUDIO = re.compile(r"Stream #\S+.*: Audio: ")
_CUT_SHORT = re.compile(r"ended prematurely|partial file|moov atom not found|truncat", re.I)
_WITHOUT_INDEX = "moov atom not found"
_NOTHING = re.compile(r"nothing was (encoded|written)", re.I)
_INSTALLERS = {
    "brew": "brew install ffmpeg",
    "winget": "winget install ffmpeg",
    "apt-get": "sudo apt-get install ffmpeg",
    "dnf": "sudo dnf install ffmpeg-free",
    "pacman": "sudo pacman -S ffmpeg",
    "zypper": "sudo zypper install ffmpeg",
    "apk": "sudo apk add ffmpeg",
}


def installed() -> bool:
    """Return whether there is an ``ffmpeg`` to run."""
    return shutil.which("ffmpeg") is not None


def ffmpeg_path() -> str:
    """Return the path of the ffmpeg program. Raises UsageError if there is none."""
    found = shutil.which("ffmpeg")
    if found is None:
        raise UsageError(
            "not found: mp4, webm and large m4a files cannot be read", hint=how_to_install()
        )
    return found


def environment() -> dict[str, str]:
    """Return the environment for ffmpeg: without our own variables, one of which is the API key."""
    return {name: value for name, value in os.environ.items() if not name.startswith("STEP")}


def how_to_install() -> str:
    """Return the command that installs ffmpeg on this system."""
    found = (command for tool, command in _INSTALLERS.items() if shutil.which(tool))
    return next(found, "install ffmpeg: https://ffmpeg.org/download.html")


def check_tempo_can_change() -> None:
    """Raise UsageError if `at_tempo` cannot work, before speech is paid for."""
    if not installed():
        raise UsageError("changing the tempo needs ffmpeg", hint=how_to_install())


def at_tempo(samples: bytes, pcm: PCM, factor: float) -> bytes:
    """Return s16le ``samples`` spoken ``factor`` times as fast, 0.5 to 100, at the same pitch.

    Raises UsageError if ffmpeg fails.
    """
    shape = ("-f", "s16le", "-ar", str(pcm.rate), "-ac", str(pcm.channels))
    command = ("ffmpeg", "-nostdin", "-v", "error", *shape, "-i", "pipe:0")
    done = subprocess.run(
        (*command, "-af", f"atempo={factor:.6f}", *shape, "pipe:1"),
        input=samples,
        capture_output=True,
        check=False,
        env=environment(),
    )
    if done.returncode or not done.stdout:
        reason = done.stderr.decode(errors="replace").strip().splitlines()[-1:]
        raise UsageError(f"ffmpeg cannot change the tempo: {''.join(reason)}")
    return done.stdout


def converted_track(input: AudioFile, recordings: Sequence[range]) -> Track:
    """Return what is read of the file as mono audio. Raises UsageError if ffmpeg finds no audio.

    ``recordings`` are where in the file each of several joined recordings is.
    """
    is_single = len(recordings) == 1
    urls = [_file_url(input.path)] if is_single else [_slice_url(input.path, r) for r in recordings]
    probes = [_Probe.of(url) for url in urls]
    for probe in probes:
        if not probe.has_audio:
            raise _refusal(input, probe.report)
    pcm = PCM(input.rate or probes[0].rate)
    samples = SampleCache(partial(_decode, input, probes, pcm), pcm, input.name)
    seconds = [probe.seconds for probe in probes]
    total = None if None in seconds else sum(filter(None, seconds))
    track = Track(pcm, samples.part, input.excerpt.duration(total, input.name))
    is_mp4 = input.container == "mp4" and is_single and input.excerpt.is_whole
    if not is_mp4 or not (upload := m4a_upload(input.path)):
        return track
    mixable = partial(_can_be_mixed, urls[0]) if probes[0].is_stereo else track.can_be_mixed
    return replace(track, whole=upload[0], can_be_mixed=mixable)


def _decode(input: AudioFile, probes: Sequence[_Probe], pcm: PCM) -> Iterator[bytes]:
    """Yield the excerpt of all recordings of the file, one after the other, as mono s16le."""
    excerpt = input.excerpt
    skipped = excerpt.start if len(probes) == 1 and probes[0].is_timed else 0.0
    check = partial(_check, input)
    every = (probe.decode(pcm, check, skipped, excerpt.channel) for probe in probes)
    blocks = _not_empty(chain.from_iterable(every), input)
    return excerpt.cut(blocks, pcm, input.name, skipped)


def _can_be_mixed(url: str) -> bool:
    """Return whether no second of stereo sound has channels that cancel each other out."""
    output = _output(PCM(SPEECH.rate, 2))
    decoded = _run(("-i", url, *_AUDIO_ONLY, *output), lambda _code, _messages: None)
    return not any(channels_cancel(frames_of(block, 2)) for block in decoded)


def _file_url(path: Path) -> str:
    # With the protocol, a name cannot be taken for an option, another protocol or a pattern.
    return f"file:{path}"


def _slice_url(path: Path, span: range) -> str:
    return f"subfile,,start,{span.start},end,{span.stop},,:file:{path}"


@dataclass(frozen=True, slots=True)
class _Probe:
    """A file, or a part of one, and what ffmpeg reports about it."""

    url: str
    report: str

    @classmethod
    def of(cls, url: str) -> _Probe:
        """Return the report of ffmpeg, which also complains that there is no output."""
        command = (*_FFMPEG, "-i", url)
        done = subprocess.run(command, capture_output=True, check=False, env=environment())
        return cls(url, done.stderr.decode(errors="replace"))

    @property
    def has_audio(self) -> bool:
        return _HAS_AUDIO.search(self.report) is not None

    @property
    def is_stereo(self) -> bool:
        return _IS_STEREO.search(self.report) is not None

    @property
    def is_timed(self) -> bool:
        """Whether packets have times, so that ffmpeg can seek and gaps can be filled."""
        found = _FORMAT.search(self.report)
        return bool(found and found[1] in _TIMED)

    @property
    def rate(self) -> int:
        found = _RATE.search(self.report)
        return int(found[1]) if found else SPEECH.rate

    @property
    def seconds(self) -> float | None:
        found = _DURATION.search(self.report)
        if not found:
            return None
        hours, minutes, seconds = found.groups()
        return 3600 * int(hours) + 60 * int(minutes) + float(seconds)

    def decode(
        self, pcm: PCM, check: Callable[[int, str], None], start: float, channel: int | None
    ) -> Iterator[bytes]:
        """Yield the audio, or one channel of it, from ``start`` seconds on as mono s16le."""
        channels = 2 if channel is None and self.is_stereo else 1
        output = _output(PCM(pcm.rate, channels))
        seek = ("-ss", f"{start:.6f}") if start else ()
        filters = self._filters(channel)
        decoded = _run((*seek, "-i", self.url, *_AUDIO_ONLY, *filters, *output), check)
        return (mono_samples(block, 2) for block in decoded) if channels == 2 else decoded

    def _filters(self, channel: int | None) -> tuple[str, ...]:
        filters = [_FILL_GAPS] if self.is_timed else []
        filters += [] if channel is None else [f"pan=mono|c0=c{channel}"]
        return ("-af", ",".join(filters)) if filters else ()


def _output(pcm: PCM) -> tuple[str, ...]:
    return "-ar", str(pcm.rate), "-ac", str(pcm.channels), "-f", "s16le", "pipe:1"


def count_channels(path: Path) -> int:
    """Return the number of channels of a file, 1 where ffmpeg reports none."""
    found = _CHANNELS.search(_Probe.of(_file_url(path)).report)
    layout = found[1] if found else "mono"
    if digits := re.match(r"(\d)\.(\d)|(\d+) channels", layout):
        return sum(int(digit) for digit in digits.groups() if digit)
    return {"mono": 1, "stereo": 2, "quad": 4}.get(layout, 1)


def _refusal(input: AudioFile, report: str) -> UsageError:
    name = input.name
    if "not on whitelist" in report:
        return not_audio_error(name, hint="pass the audio files that a playlist lists")
    if input.container is None:
        return not_audio_error(name)
    if _CUT_SHORT.search(report):
        return truncated_error(name, readable=_WITHOUT_INDEX not in report)
    if "Stream #" in report:
        return UsageError(f"{name} contains video but no audio")
    return not_audio_error(name)


def _not_empty(decoded: Iterator[bytes], input: AudioFile) -> Iterator[bytes]:
    empty = True
    for block in decoded:
        empty = False
        yield block
    if empty:
        raise no_audio_error(input.name) if input.container else not_audio_error(input.name)


def _run(arguments: Sequence[str], check: Callable[[int, str], None]) -> Iterator[bytes]:
    """Yield the output of ffmpeg as it comes, then ``check`` its exit code and messages.

    Closing the iterator ends ffmpeg.
    """
    with (
        anonymous_file() as messages,
        subprocess.Popen(
            (*_FFMPEG, "-v", "warning", *arguments),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=messages,
            env=environment(),
        ) as process,
    ):
        assert process.stdout is not None
        try:
            while block := process.stdout.read(BLOCK):
                yield block
            code = process.wait()
        finally:
            process.kill()
        messages.seek(0)
        check(code, messages.read(BLOCK).decode(errors="replace").strip())


def _check(input: AudioFile, code: int, messages: str) -> None:
    """Raise UsageError if ffmpeg failed, or the file ends before its header says so."""
    name = input.name
    if _CUT_SHORT.search(messages):
        raise truncated_error(name, readable=_WITHOUT_INDEX not in messages)
    if code and input.container is None:
        raise not_audio_error(name)
    if code and _NOTHING.search(messages):
        raise UsageError(f"ffmpeg found no audio in {name}", hint=_MAYBE_PROTECTED)
    if code:
        reason = messages.splitlines()[-1] if messages else f"exit code {code}"
        raise UsageError(f"ffmpeg cannot decode {name}: {reason}", hint=_MAYBE_PROTECTED)


_MAYBE_PROTECTED = "is it protected against copying, or damaged?"
