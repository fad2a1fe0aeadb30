"""The entry: ``stepcli`` and ``python -m stepcli``. ``--version`` and TAB are answered at once."""

from __future__ import annotations

import os
import sys

from stepcli.cli.signals import Signals
from stepcli.cli.streams import prepare

COMPLETE = "_STEPCLI_COMPLETE"
"""Set by a completion script to what it asks for: see ``cli.values``."""


def main() -> None:
    signals = Signals()
    signals.end_at_once()
    prepare()
    code = _main(sys.argv[1:], signals)
    signals.let_go()
    sys.exit(code)


def _main(arguments: list[str], signals: Signals) -> int:
    if arguments == ["--version"]:
        return _version()
    if what := os.environ.get(COMPLETE):
        from stepcli.cli.values import answer

        answer(what)
        return 0
    from stepcli.cli.main import main

    return main(arguments, signals)


def _version() -> int:
    from stepcli import __version__
    from stepcli.cli.streams import put

    return put(f"stepcli {__version__}\n")


if __name__ == "__main__":
    main()
