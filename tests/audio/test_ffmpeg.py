"""What ffmpeg may be made to read: one file, whatever is in it or what it is called."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from stepcli.audio import ffmpeg
from stepcli.audio.open import open_track
from stepcli.errors import UsageError
from tests.support.media import convert
from tests.support.recordings import noise, write_wav
from tests.support.sounds import needs_ffmpeg

pytestmark = needs_ffmpeg


@pytest.fixture
def secret(tmp_path: Path) -> Path:
    """Another audio file of the disk, which no input may pull in."""
    source = write_wav(tmp_path / "secret.wav", noise(2))
    return convert(source, tmp_path / "secret.ts", "-c:a", "aac")


def hls(secret: Path) -> str:
    lines = ("#EXTM3U", "#EXT-X-TARGETDURATION:2", "#EXTINF:2,", "{}", "#EXT-X-ENDLIST")
    return "\n".join(lines).format(secret) + "\n"


def hls_key(secret: Path) -> str:
    return hls(secret).replace("#EXTINF", f'#EXT-X-KEY:METHOD=AES-128,URI="{secret}"\n#EXTINF')


def concat(secret: Path) -> str:
    return f"ffconcat version 1.0\nfile {secret.name}\n"


def dash(secret: Path) -> str:
    return (
        '<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="static" '
        'mediaPresentationDuration="PT2S" profiles="urn:mpeg:dash:profile:isoff-main:2011">'
        '<Period><AdaptationSet mimeType="audio/mp4"><Representation id="1" bandwidth="1">'
        f"<BaseURL>{secret}</BaseURL></Representation></AdaptationSet></Period></MPD>"
    )


def sdp(_: Path) -> str:
    return "v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\nm=audio 9 RTP/AVP 0\n"


def subtitles_index(_: Path) -> str:
    return "# VobSub index file, v7 (do not modify this line!)\n"


REFERENCES = [hls, hls_key, concat, dash, sdp, subtitles_index]


@pytest.mark.parametrize("suffix", ["mp4", "m3u8", "wav", "webm", "ts", "png"])
@pytest.mark.parametrize("refer_to", REFERENCES)
def test_files_that_refer_to_others_are_refused(
    secret: Path, refer_to: Callable[[Path], str], suffix: str
) -> None:
    path = secret.with_name(f"innocent.{suffix}")
    path.write_text(refer_to(secret))
    with pytest.raises(UsageError, match="is not a sound file"):
        b"".join(open_track(path).part(0, None))


def test_reference_behind_an_mp4_header_is_refused(secret: Path) -> None:
    path = secret.with_name("both.mp4")
    path.write_bytes(b"\0\0\0\x10ftypM4A \0\0\0\0" + hls(secret).encode())
    with pytest.raises(UsageError):
        b"".join(open_track(path).part(0, None))


def test_external_data_of_quicktime_is_not_read(secret: Path) -> None:
    """A track may keep its samples in another file, which its ``dref`` box names."""
    inside = write_wav(secret.with_name("inside.wav"), noise(2))
    movie = convert(inside, secret.with_name("movie.mov"), "-c:a", "pcm_s16le").read_bytes()
    self_contained = b"\0\0\0\x0curl \0\0\0\x01"
    name = str(inside).encode() + b"\0"
    alias = (len(name) + 12).to_bytes(4) + b"url \0\0\0\0" + name
    assert self_contained in movie
    path = secret.with_name("alias.mov")
    path.write_bytes(movie[: movie.index(b"mdat") - 4] + movie[movie.index(b"moov") - 4 :])
    path.write_bytes(path.read_bytes().replace(self_contained, alias))
    with pytest.raises(UsageError):
        b"".join(open_track(path).part(0, None))


def test_image_sequence_pattern_is_a_plain_name(secret: Path) -> None:
    path = secret.with_name("img%d.png")
    path.write_bytes(b"\x89PNG\r\n\x1a\n")
    with pytest.raises(UsageError):
        open_track(path)


@pytest.mark.parametrize(
    "name",
    ["-i.ts", "concat:a.ts", "a:b.ts", "subfile,,start,0,end,9,,:a.ts", "%d.ts", "a\nb.ts", "é.ts"],
)
def test_any_name_is_only_a_name(secret: Path, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also a relative one that looks like an option, a protocol or a pattern."""
    monkeypatch.chdir(secret.parent)
    secret.rename(name)
    sound = b"".join(open_track(Path(name)).part(0, None))
    assert len(sound) == pytest.approx(2 * 16000 * 2, abs=6000)


def test_key_is_not_in_the_environment_of_ffmpeg(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STEP_API_KEY", "sk-1")
    monkeypatch.setenv("STEPFUN_API_KEY", "sk-2")
    assert not [name for name in ffmpeg.environment() if name.startswith("STEP")]
    assert ffmpeg.environment()["PATH"] == os.environ["PATH"]


def test_all_formats_that_are_allowed_exist() -> None:
    """A misspelled name would refuse files that can be read."""
    listing = subprocess.run(
        ["ffmpeg", "-v", "quiet", "-demuxers"], capture_output=True, check=True
    )
    names = [line.split()[1] for line in listing.stdout.decode().splitlines() if line[1:3] == "D "]
    known = {name for group in names for name in group.split(",")}
    assert set(ffmpeg.SAFE_FORMATS.split(",")) <= known


def test_hint_about_a_truncated_file_depends_on_its_index(tmp_path: Path) -> None:
    """Without it, ffmpeg reads nothing either."""
    whole = convert(write_wav(tmp_path / "a.wav", noise(3)), tmp_path / "a.m4a").read_bytes()
    (tmp_path / "b.m4a").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(UsageError, match="truncated") as caught:
        open_track(tmp_path / "b.m4a")
    assert "index" in (caught.value.hint or "")
    assert "ffmpeg -i" not in (caught.value.hint or "")


def test_missing_program_is_refused_with_how_to_install_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = shutil.which("ffmpeg")
    assert ffmpeg.ffmpeg_path() == program
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(UsageError, match="not found") as failure:
        ffmpeg.ffmpeg_path()
    assert failure.value.hint == "install ffmpeg: https://ffmpeg.org/download.html"
