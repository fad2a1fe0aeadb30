"""A whole sound file in memory as samples."""

from __future__ import annotations

from io import BytesIO

from stepcli.errors import NetworkError
from stepcli.sound import PCM


def decode(sound: bytes) -> tuple[PCM, bytes]:
    """The shape and the s16le samples of ``sound``, a file in any container libsndfile reads.

    Raises NetworkError where it is none: nothing on this machine makes such bytes.
    """
    import soundfile

    try:
        with soundfile.SoundFile(BytesIO(sound)) as file:
            return PCM(file.samplerate, file.channels), bytes(file.buffer_read(dtype="int16"))
    except soundfile.LibsndfileError:
        raise NetworkError("the service sent bytes that are no sound") from None
