"""Decode with ffmpeg what libsndfile cannot read: m4a, mp4, mkv, webm, MPEG-TS, amr and more."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from itertools import chain
from pathlib import Path

from stepcli.audio.excerpt import WHOLE, Excerpt
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


def converted_track(
    path: Path,
    name: str,
    container: str | None,
    recordings: Sequence[range],
    rate: int | None,
    excerpt: Excerpt = WHOLE,
) -> Track:
    """Return an excerpt of the file as mono audio at ``rate``, or its own rate if that is None.

    ``container`` is what the first bytes are the signature of, if anything, ``recordings`` where
    in the file each of several joined recordings is. Raises UsageError if ffmpeg finds no audio.
    """
    whole = len(recordings) == 1
    inputs = [_file_url(path)] if whole else [_slice_url(path, one) for one in recordings]
    reports = [_inspect(url) for url in inputs]
    for report in reports:
        if not _HAS_AUDIO.search(report):
            raise _refusal(name, container, report)
    pcm = PCM(rate or _rate(reports[0]))

    skipped = excerpt.start if whole and _is_timed(reports[0]) else 0.0

    def decode() -> Iterator[bytes]:
        check = partial(_check, name, container)
        pairs = zip(inputs, reports, strict=True)
        every = (
            _decode(url, report, pcm, check, skipped, excerpt.channel) for url, report in pairs
        )
        blocks = _not_empty(chain.from_iterable(every), name, container)
        return excerpt.cut(blocks, pcm, name, skipped)

    seconds = [_seconds(report) for report in reports]
    total = None if None in seconds else sum(filter(None, seconds))
    samples = SampleCache(decode, pcm, name)
    track = Track(pcm, samples.part, excerpt.duration(total, name))
    is_mp4 = container == "mp4" and whole and excerpt.is_whole
    if not is_mp4 or not (upload := m4a_upload(path)):
        return track
    is_stereo = _IS_STEREO.search(reports[0])
    mixable = partial(_can_be_mixed, inputs[0]) if is_stereo else track.can_be_mixed
    return replace(track, whole=upload[0], can_be_mixed=mixable)


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


def _inspect(url: str) -> str:
    """Return what ffmpeg reports about the input. It also complains that there is no output."""
    command = (*_FFMPEG, "-i", url)
    done = subprocess.run(command, capture_output=True, check=False, env=environment())
    return done.stderr.decode(errors="replace")


def _decode(
    url: str,
    report: str,
    pcm: PCM,
    check: Callable[[int, str], None],
    start: float,
    channel: int | None,
) -> Iterator[bytes]:
    """Yield the audio, or one channel of it, from ``start`` seconds on as mono s16le."""
    channels = 2 if channel is None and _IS_STEREO.search(report) else 1
    output = _output(PCM(pcm.rate, channels))
    seek = ("-ss", f"{start:.6f}") if start else ()
    filters = _filters(report, channel)
    decoded = _run((*seek, "-i", url, *_AUDIO_ONLY, *filters, *output), check)
    return (mono_samples(block, 2) for block in decoded) if channels == 2 else decoded


def _output(pcm: PCM) -> tuple[str, ...]:
    return "-ar", str(pcm.rate), "-ac", str(pcm.channels), "-f", "s16le", "pipe:1"


def _filters(report: str, channel: int | None) -> tuple[str, ...]:
    filters = [_FILL_GAPS] if _is_timed(report) else []
    filters += [] if channel is None else [f"pan=mono|c0=c{channel}"]
    return ("-af", ",".join(filters)) if filters else ()


def count_channels(path: Path) -> int:
    """Return the number of channels of a file, 1 where ffmpeg reports none."""
    found = _CHANNELS.search(_inspect(_file_url(path)))
    layout = found[1] if found else "mono"
    if digits := re.match(r"(\d)\.(\d)|(\d+) channels", layout):
        return sum(int(digit) for digit in digits.groups() if digit)
    return {"mono": 1, "stereo": 2, "quad": 4}.get(layout, 1)


def _is_timed(report: str) -> bool:
    """Return whether packets have times, so that ffmpeg can seek and gaps can be filled."""
    found = _FORMAT.search(report)
    return bool(found and found[1] in _TIMED)


def _rate(report: str) -> int:
    found = _RATE.search(report)
    return int(found[1]) if found else SPEECH.rate


def _seconds(report: str) -> float | None:
    found = _DURATION.search(report)
    if not found:
        return None
    hours, minutes, seconds = found.groups()
    return 3600 * int(hours) + 60 * int(minutes) + float(seconds)


def _refusal(name: str, container: str | None, report: str) -> UsageError:
    if "not on whitelist" in report:
        return not_audio_error(name, hint="pass the audio files that a playlist lists")
    if container is None:
        return not_audio_error(name)
    if _CUT_SHORT.search(report):
        return truncated_error(name, readable=_WITHOUT_INDEX not in report)
    if "Stream #" in report:
        return UsageError(f"{name} contains video but no audio")
    return not_audio_error(name)


def _not_empty(decoded: Iterator[bytes], name: str, container: str | None) -> Iterator[bytes]:
    empty = True
    for block in decoded:
        empty = False
        yield block
    if empty:
        raise no_audio_error(name) if container else not_audio_error(name)


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


def _check(name: str, container: str | None, code: int, messages: str) -> None:
    """Raise UsageError if ffmpeg failed, or the file ends before its header says so."""
    if _CUT_SHORT.search(messages):
        raise truncated_error(name, readable=_WITHOUT_INDEX not in messages)
    if code and container is None:
        raise not_audio_error(name)
    if code and _NOTHING.search(messages):
        raise UsageError(f"ffmpeg found no audio in {name}", hint=_MAYBE_PROTECTED)
    if code:
        reason = messages.splitlines()[-1] if messages else f"exit code {code}"
        raise UsageError(f"ffmpeg cannot decode {name}: {reason}", hint=_MAYBE_PROTECTED)


_MAYBE_PROTECTED = "is it protected against copying, or damaged?"
