"""Keep C libraries from printing to the terminal."""

from __future__ import annotations

import ctypes
import logging
import os
import sys
from functools import cache

log = logging.getLogger(__name__)


@cache
def silence_c_stderr() -> None:
    """Point the ``stderr`` of C, which is not Python's, at the null device, except with --debug.

    PortAudio, ALSA and JACK print to it from any thread: three lines "Expression … failed in
    src/hostapi/alsa/pa_linux_alsa.c" when a device is unplugged, before our own error. libmpg123,
    inside libsndfile, prints a line for each damaged frame of an MP3 file. Neither has an option to
    prevent that. Only glibc allows the variable to be replaced; other systems are left alone.
    """
    if log.isEnabledFor(logging.DEBUG) or not _is_glibc():
        return
    libc = ctypes.CDLL(None)
    libc.fopen.restype = ctypes.c_void_p
    if null_device := libc.fopen(os.devnull.encode(), b"w"):
        ctypes.c_void_p.in_dll(libc, "stderr").value = null_device


def _is_glibc() -> bool:
    if sys.platform != "linux":
        return False
    try:
        return (os.confstr("CS_GNU_LIBC_VERSION") or "").startswith("glibc")
    except (OSError, ValueError):
        return False
