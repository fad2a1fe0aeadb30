"""The entry: ``stepcli`` and ``python -m stepcli``. ``--version`` and TAB are answered at once."""

from __future__ import annotations

import os
import sys

COMPLETE = "_STEPCLI_COMPLETE"
"""Set by a completion script to what it asks for: see ``cli.values``."""


def main() -> None:
    arguments = sys.argv[1:]
    if arguments == ["--version"]:
        from stepcli import __version__

        sys.stdout.write(f"stepcli {__version__}\n")
        return
    if what := os.environ.get(COMPLETE):
        from stepcli.cli.values import answer

        answer(what)
        return
    from stepcli.cli.main import main

    sys.exit(main(arguments))


if __name__ == "__main__":
    main()
