"""An output of streamed sound with a copy that outlives its failure."""

from __future__ import annotations

import secrets
from contextlib import suppress

from stepcli.audio.recording_file import RecordingFile
from stepcli.audio_types import PCM
from stepcli.cli.io.output import EncodedOutput
from stepcli.errors import OutputError
from stepcli.settings import state_dir
from stepcli.storage.directories import remove, remove_expired
from stepcli.storage.temporary_files import fallback_directory


class CopiedOutput:
    """A sink of PCM that writes it to `output` and to a private WAV file.

    The file is in the state directory, or in the system's directory for temporary files where that
    is full. It is removed unless `output` fails. A copy that cannot be written does not fail
    the run.

    A failure of `output` is raised by the next `write` or by `close`: a sentence that is in the
    copy counts as spoken. Without a complete copy, it is raised at once.
    """

    def __init__(self, output: EncodedOutput, pcm: PCM) -> None:
        self._output = output
        self._pcm = pcm
        self._copy: RecordingFile | None = None
        self._is_complete = True
        self._failure: OutputError | None = None

    def write(self, data: bytes) -> None:
        """Write whole s16le frames. Raises OutputError."""
        self._check()
        self._write_copy(data)
        try:
            self._output.write(data)
        except OutputError as failure:
            self._failure = failure
            if not self._is_complete:
                raise

    def close(self) -> None:
        """Complete the output and remove the copy. Raises OutputError; its hint names the copy."""
        try:
            self._check()
            self._output.close()
        except OutputError as failure:
            failure.add_hint(self._keep_copy())
            raise
        self._remove_copy()

    def set_aside(self) -> str | None:
        """Complete what there is of a failed run, and return a clause that says where it is.

        This is a file beside the target, or the copy if the output cannot be completed; None where
        there is nothing, or where it went to a device or stdout.
        """
        if self._failure is None:
            with suppress(OutputError):
                path = self._output.set_aside()
                return f"the audio that was complete is kept in {path}" if path else None
        return self._keep_copy()

    def abort(self) -> None:
        """Discard the output, and the copy unless it is kept."""
        self._output.abort()
        self._remove_copy()

    def _check(self) -> None:
        if self._failure is not None:
            raise self._failure

    def _write_copy(self, data: bytes) -> None:
        if not self._is_complete:
            return
        try:
            self._copy = self._copy or _new_copy(self._pcm)
            self._copy.write(data)
        except OutputError:
            self._is_complete = False

    def _keep_copy(self) -> str | None:
        """Complete the copy, and return a clause that says where it is; None without one."""
        copy = self._copy
        if copy is None or not copy.size:
            return None
        with suppress(OutputError):
            copy.close()
        self._copy = None
        what = "the audio" if self._is_complete else f"the first {copy.seconds:.1f} s of the audio"
        return f"{what} received so far is kept in {copy.path}"

    def _remove_copy(self) -> None:
        if self._copy is not None:
            with suppress(OutputError):
                self._copy.close()
            remove(self._copy.path)
            self._copy = None


def _new_copy(pcm: PCM) -> RecordingFile:
    """Create a copy, which a later run removes after a week. Raises OutputError."""
    root = state_dir() / "stream"
    remove_expired(root)
    path = root / f"stepcli-stream-{secrets.token_hex(4)}.wav"
    return RecordingFile(path, pcm, fallback_directory(), followed=False)
