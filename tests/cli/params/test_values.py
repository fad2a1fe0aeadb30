"""``stepcli.cli.params.values``: facts about options that Typer lacks."""

from __future__ import annotations

import pytest
import typer

from stepcli.cli.app import app
from stepcli.cli.params._click import Context
from stepcli.cli.params.options import option
from stepcli.cli.params.values import AUDIO, Choices, Files, Text, ValueSpec, spec_of


def test_kind_may_be_one_or_several() -> None:
    one = option("--x X", help="X.", kind=AUDIO)
    two = option("--x X", help="X.", kind=(AUDIO, Choices(("a",))))
    assert one.spec.kinds == (AUDIO,)
    assert two.spec.kinds == (AUDIO, Choices(("a",)))


@pytest.mark.parametrize(
    ("kinds", "any_bytes"),
    [((), False), ((Choices(("a",)),), False), ((Files(),), True), ((Text(),), True)],
)
def test_only_names_of_files_and_text_may_be_any_bytes(
    kinds: tuple[Files, ...], any_bytes: bool
) -> None:
    assert option("--x X", help="X.", kind=kinds).spec.takes_any_bytes is any_bytes


def test_only_options_that_are_declared_have_a_spec() -> None:
    root = typer.main.get_command(app)
    assert all(spec_of(root, one) == ValueSpec() for one in root.params)
    devices = root.commands["devices"]  # type: ignore[attr-defined] # a group
    keys = {
        one.name: spec_of(devices, one).config_key for one in devices.get_params(Context(devices))
    }
    assert keys["base_url"] == "base-url"
    assert keys["help"] == ""
