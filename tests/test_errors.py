"""The exceptions: their exit codes, and what is added to a message on its way up."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from stepcli import errors
from stepcli.errors import NetworkError, StepcliError, Terminated


def _classes(parent: type[StepcliError] = StepcliError) -> Iterator[type[StepcliError]]:
    yield parent
    for child in parent.__subclasses__():
        if child.__module__ == errors.__name__:
            yield from _classes(child)


def test_docstring_of_the_module_lists_every_class_with_its_exit_code() -> None:
    lines = [line.replace("├──", "").replace("└──", "").replace("│", "").split()
             for line in (errors.__doc__ or "").splitlines()]  # fmt: skip
    listed = {words[0]: words[1:3] for words in lines if words}
    for error in _classes():
        own = "kind" in vars(error)
        assert error.__name__ in listed
        assert not own or listed[error.__name__] == [str(error.exit_code), error.kind]


def test_exit_code_belongs_to_one_kind() -> None:
    kinds = {(error.exit_code, error.kind) for error in _classes()}
    assert len({code for code, _ in kinds}) == len({kind for _, kind in kinds}) == len(kinds)


def test_context_is_added_once() -> None:
    error = StepcliError("line 3: the text is empty")
    error.add_context("line 3")
    error.add_context("b.txt")
    error.add_detail("1 of 2 parts is finished")
    assert str(error) == "b.txt: line 3: the text is empty; 1 of 2 parts is finished"


def test_remedies_are_joined() -> None:
    error = StepcliError("failed")
    error.add_hint(None)
    assert error.hint is None
    error.add_hint("try again")
    error.add_hint("or later")
    assert error.hint == "try again; or later"


def test_identifier_for_support_is_set_where_the_error_is_raised() -> None:
    error = NetworkError("failed", status=500)
    with pytest.raises(NetworkError) as raised:
        raise error.with_trace_id("trace-1")
    assert raised.value is error
    assert (error.trace_id, error.status, error.not_processed) == ("trace-1", 500, False)


def test_termination_passes_handlers_of_errors() -> None:
    """It ends the run as Ctrl-C does."""
    assert not issubclass(Terminated, Exception)
    assert Terminated().exit_code == 143
    assert Terminated(129).exit_code == 129
