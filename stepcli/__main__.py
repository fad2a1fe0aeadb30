"""The entry: ``stepcli`` and ``python -m stepcli``. ``--version`` is answered at once."""

from __future__ import annotations

import sys


def main() -> None:
    arguments = sys.argv[1:]
    if arguments == ["--version"]:
        from stepcli import __version__

        sys.stdout.write(f"stepcli {__version__}\n")
        return
    from stepcli.cli.main import main

    sys.exit(main(arguments))


if __name__ == "__main__":
    main()
