"""Lays the generated manual where ``man`` looks: a directory for each section."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class Manual(BuildHookInterface):
    """``man/stepcli.1`` becomes ``share/man/man1/stepcli.1`` beside the program."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002
        for page in sorted(Path(self.root, "man").glob("*.[157]")):
            section = page.suffix.removeprefix(".")
            build_data["shared_data"][str(page)] = f"share/man/man{section}/{page.name}"
