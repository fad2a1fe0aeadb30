"""Ctrl-C while recording."""

from __future__ import annotations

import signal
from collections.abc import Iterator

import pytest

from stepcli.cli.signals import Signals, Stop
from tests.support.in_process import pipes


def test_first_signal_requests_a_stop_and_the_second_interrupts() -> None:
    """Also while earlier speech is still being processed."""
    with Stop(pipes()) as stop:
        assert not stop()
        signal.raise_signal(signal.SIGINT)
        assert stop()
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)


def test_handlers_are_restored() -> None:
    """The recording is over and cannot be stopped again."""
    with Stop(pipes()) as stop:
        stop.restore()
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)
        assert not stop()


def test_ignored_signal_stays_ignored() -> None:
    """Ctrl-C does not end a background job of the shell."""
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        with Stop(pipes()) as stop:
            signal.raise_signal(signal.SIGINT)
            assert not stop()
    finally:
        signal.signal(signal.SIGINT, before)


@pytest.fixture
def signals() -> Iterator[Signals]:
    """Install the handlers that raise exceptions while a command runs."""
    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = {number: signal.getsignal(number) for number in numbers}
    signals = Signals()
    signals.raise_exceptions()
    yield signals
    for number, handler in before.items():
        signal.signal(number, handler)


SECOND = pytest.mark.parametrize("second", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])


@SECOND
@pytest.mark.parametrize("first", [signal.SIGTERM, signal.SIGINT])
@pytest.mark.usefixtures("signals")
def test_second_signal_does_not_cut_clean_up_short(
    first: signal.Signals, second: signal.Signals
) -> None:
    """Neither in a `finally` block nor while the interrupt is reported."""
    cleaned, code = [], 0
    try:
        try:
            signal.raise_signal(first)
        finally:
            signal.raise_signal(second)
            cleaned.append("finally")
    except KeyboardInterrupt as exc:
        signal.raise_signal(second)
        cleaned.append("except")
        code = getattr(exc, "exit_code", 128 + signal.SIGINT)
    assert cleaned == ["finally", "except"]
    assert code == 128 + first


@SECOND
@pytest.mark.usefixtures("signals")
def test_signal_after_a_handled_one_interrupts_again(second: signal.Signals) -> None:
    """A prompt continues after Ctrl-C and can be interrupted again."""
    interrupted = 0
    for number in (signal.SIGINT, second):
        try:
            signal.raise_signal(number)
        except KeyboardInterrupt:
            interrupted += 1
    assert interrupted == 2


def test_clean_up_that_hangs_can_be_interrupted(
    signals: Signals, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = 100.0
    monkeypatch.setattr("stepcli.cli.signals.monotonic", lambda: now)
    with pytest.raises(KeyboardInterrupt) as first:
        signal.raise_signal(signal.SIGINT)
    signal.raise_signal(signal.SIGINT)
    now += 3
    with pytest.raises(KeyboardInterrupt):
        signal.raise_signal(signal.SIGINT)
    assert first.value is not None
    assert signals.received == signal.SIGINT
