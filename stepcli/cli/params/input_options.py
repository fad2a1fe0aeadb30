"""The options of ``transcribe`` that say which audio is read, and how it is sent."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

from stepcli.audio_types import UploadFormat
from stepcli.cli.params._click import BadParameter
from stepcli.cli.params.common_options import ConnectionFlags
from stepcli.cli.params.options import flag, option, option_group
from stepcli.cli.params.values import Files
from stepcli.errors import UsageError

if TYPE_CHECKING:
    from stepcli.audio.upload import UploadOptions
    from stepcli.cli.io.audio_input import InputSettings

_AUDIO_INPUT = "Audio input"


_TIME = re.compile(r"(?:(?:(\d+):)?(\d+):)?(\d+(?:\.\d*)?|\.\d+)")


def seconds_of(text: str) -> float:
    """Return the seconds of a time such as 90, 12.5, 1:30 or 1:02:03.5. Raise BadParameter."""
    match = _TIME.fullmatch(text.strip())
    hours, minutes, seconds = (float(part or 0) for part in match.groups()) if match else (0, 0, 0)
    if not match or (match[2] and seconds >= 60) or (match[1] and minutes >= 60):
        raise BadParameter(f"{text!r} is not seconds, mm:ss or hh:mm:ss, such as 1:02:03.5.")
    return 3600 * hours + 60 * minutes + seconds


def are_speakers(word: str) -> bool:
    """Return whether the word after `--channels` is its value: names, not an existing file."""
    return "," in word and "/" not in word and not os.path.exists(word)  # noqa: PTH110


def speakers_of(text: str) -> tuple[str, ...]:
    """Return the names in `NAME,NAME`, none for an empty text. Raise UsageError."""
    names = tuple(name.strip() for name in text.split(",")) if text.strip() else ()
    if len(set(names)) < len(names) or not all(map(_SPEAKER.fullmatch, names)):
        raise UsageError(
            f"--channels takes different names without colons, such as Anna,Ben, not {text!r}"
        )
    return names


_SPEAKER = re.compile(r"[^:：<>#\[\s][^:：<>\r\n\t]*")


def _check_pcm(text: str) -> None:
    from stepcli.cli.io.audio_input import parse_pcm

    parse_pcm(text)


_SIZE = re.compile(r"(\d+(?:\.\d+)?)\s*([kmgt]?)(i?)b?", re.IGNORECASE)


def bytes_of(text: str | int) -> int:
    """Return the bytes of a size such as 1000000, 500M or 1.5GiB. Raise BadParameter."""
    match = _SIZE.fullmatch(str(text).strip())
    if not match:
        raise BadParameter(f"{text!r} is not a size such as 500M or 2G.")
    unit = 1024 if match[3] else 1000
    return int(float(match[1]) * unit ** " kmgt".index(match[2].lower() or " "))


@option_group(_AUDIO_INPUT)
class InputOptions:
    """The options of ``transcribe`` about its inputs."""

    recursive: bool = flag(
        "--recursive", help="Transcribe the audio files in sub-directories of a directory as well."
    )
    files_from: str | None = option(
        "--files-from FILE",
        kind=Files(),
        help="Read the names of more inputs from FILE, one per line or separated by NUL;"
        " '-' is stdin.",
    )
    from_: float | None = option(
        "--from TIME",
        parser=seconds_of,
        help="Begin at TIME: seconds, mm:ss or hh:mm:ss, with fractions. Times in the output"
        " are those of the whole recording.",
    )
    to: float | None = option("--to TIME", parser=seconds_of, help="End at TIME.")
    channels: str | None = option(
        "--channels [NAME,NAME]",
        check=speakers_of,
        optional_value=are_speakers,
        help="Recognize each channel by itself, as a speaker with the given name. Without"
        " names, they are Speaker1, Speaker2 and so on.",
    )
    max_download: int = option(
        "--max-download SIZE",
        default=2_000_000_000,
        parser=bytes_of,
        advanced=True,
        help="Largest file to download from a URL, such as 500M.",
        default_text="2G",
    )
    max_download_time: float = option(
        "--max-download-time S",
        default=3600,
        min=1,
        max=86400,
        advanced=True,
        help="Longest time in seconds to download a URL.",
    )
    pcm: str | None = option(
        "--pcm RATE[:CHANNELS]",
        check=_check_pcm,
        advanced=True,
        help="Read the input as raw signed 16-bit little-endian samples; with --live, '-' is"
        " transcribed while it is being written.",
    )

    def settings(self, connection: ConnectionFlags) -> InputSettings:
        """Return how to read inputs. Raise UsageError for an empty excerpt or invalid samples."""
        from stepcli.api.file_url import DownloadLimits
        from stepcli.audio.excerpt import Excerpt
        from stepcli.cli.io.audio_input import InputSettings, parse_pcm

        excerpt = Excerpt(self.from_ or 0.0, self.to)
        if excerpt.end is not None and excerpt.end <= excerpt.start:
            raise UsageError("--to must be later than --from")
        limits = DownloadLimits(
            self.max_download, self.max_download_time, connection.timeout, connection.retries
        )
        speakers = None if self.channels is None else speakers_of(self.channels)
        return InputSettings(parse_pcm(self.pcm), excerpt, limits, speakers)


@option_group(_AUDIO_INPUT)
class PieceOptions:
    """The options of ``transcribe`` about the pieces that are sent."""

    piece_minutes: float = option(
        "--piece-minutes M",
        default=10.0,
        min=0.05,
        max=30,
        advanced=True,
        help="Split longer recordings at pauses into pieces of at most M minutes.",
    )
    upload_format: UploadFormat = option(
        "--upload-format NAME",
        default=UploadFormat.AUTO,
        advanced=True,
        help="How audio is sent: mp3 (40 kbit/s), pcm (samples), as-is (the file itself if the"
        " service accepts it, else mp3), or auto (the file itself if it is smaller than the"
        " MP3, else mp3).",
    )

    def upload(self, jobs: int | None) -> UploadOptions:
        """Return how audio is sent by ``jobs`` requests at a time, None for ``auto``."""
        from stepcli.audio.upload import UploadOptions

        return UploadOptions(self.upload_format, 60 * self.piece_minutes, jobs)
