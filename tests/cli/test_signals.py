"""What Ctrl-C means while somebody speaks."""

from __future__ import annotations

import signal

import pytest

from stepcli.cli.io.terminal import Terminal
from stepcli.cli.signals import Stop


def test_the_first_asks_and_the_second_interrupts() -> None:
    """Also while what was said before the first is still being listened through."""
    with Stop(Terminal()) as stop:
        assert not stop()
        signal.raise_signal(signal.SIGINT)
        assert stop()
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)


def test_afterwards_it_means_what_it_meant() -> None:
    """The recording is over: nobody asks it to stop any more."""
    with Stop(Terminal()) as stop:
        stop.restore()
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)
        assert not stop()


def test_ignored_stays_ignored() -> None:
    """A shell's background job does not end with the Ctrl-C that is meant for another."""
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        with Stop(Terminal()) as stop:
            signal.raise_signal(signal.SIGINT)
            assert not stop()
    finally:
        signal.signal(signal.SIGINT, before)
