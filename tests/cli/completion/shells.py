"""The shells themselves, asked what TAB would offer for a line."""

from __future__ import annotations

import os
import pty
import re
import select
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

ROOT = Path(__file__).parents[3]
SCRIPTS = ROOT / "completions"
LONGEST_WAIT = 20


class Shell(Protocol):
    """What a line that ends at the cursor can become; values as the user sees them."""

    def __call__(self, line: str) -> set[str]: ...


class Bash:
    """Its completion function is given the words of the line, as readline splits them."""

    def __init__(self, directory: Path, environment: Mapping[str, str]) -> None:
        self._where = {"cwd": directory, "env": dict(environment)}

    def __call__(self, line: str) -> set[str]:
        words = line.replace("=", " = ").split(" ")
        code = (
            "compopt() { :; }\n"
            f"source {SCRIPTS / 'stepcli.bash'}\n"
            f"COMP_WORDS=({' '.join(map(_quoted, words))}) COMP_CWORD={len(words) - 1}\n"
            "_stepcli stepcli\n"
            r"""printf '%s\n' "${COMPREPLY[@]}" """
        )
        return _lines(["bash", "--norc", "-c", code], self._where)


def tab_in_bash(line: str, directory: Path, environment: Mapping[str, str]) -> str:
    """What an interactive bash has on its command line after ``line`` and TAB."""
    ours, theirs = pty.openpty()
    with subprocess.Popen(
        ["bash", "--norc", "-i"],
        stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True,
        cwd=directory, env={**environment, "PS1": "", "TERM": "dumb"},
    ) as process:  # fmt: skip
        os.close(theirs)
        os.write(ours, f"source {SCRIPTS / 'stepcli.bash'}; echo ready''now\n".encode())
        _read_until(ours, "readynow")
        os.write(ours, f"{line}\t\x01echo '\x05' now''done\n".encode())
        shown = _read_until(ours, "nowdone")
        process.kill()
        os.close(ours)
    return shown.splitlines()[-1].removesuffix(" nowdone")


def _read_until(terminal: int, mark: str) -> str:
    text = ""
    while mark not in text:
        text += os.read(terminal, 65536).decode()
    return text


class Fish:
    """``complete -C`` answers as TAB does, with descriptions behind a tab."""

    def __init__(self, directory: Path, environment: Mapping[str, str]) -> None:
        self._where = {"cwd": directory, "env": dict(environment)}

    def __call__(self, line: str) -> set[str]:
        code = f"source {SCRIPTS / 'stepcli.fish'}; complete -C {_quoted(line)}"
        found = _lines(["fish", "--no-config", "-c", code], self._where)
        values = {one.partition("\t")[0].replace("\\ ", " ") for one in found}
        return {value.partition("=")[2] if "=" in value else value for value in values}


class Zsh:
    """An interactive zsh on a terminal of its own, whose ``compadd`` also writes what it adds."""

    def __init__(self, terminal: int, home: Path) -> None:
        self._terminal = terminal
        self._added = home / "added"

    def __call__(self, line: str) -> set[str]:
        self._added.write_text("")
        os.write(self._terminal, f"\x15{line}\t\x18".encode())
        written = self.until_done()
        complaints = _COMPLAINT.findall(_waiting(self._terminal))
        assert not complaints, complaints
        added = {one.replace("\\ ", " ") for one in written.splitlines()}
        return added - {"", "done"}

    def until_done(self) -> str:
        deadline = time.monotonic() + LONGEST_WAIT
        while not (written := self._added.read_text()).endswith("done\n"):
            assert time.monotonic() < deadline, f"zsh did not answer: {written!r}"
            time.sleep(0.01)
        return written


_COMPLAINT = re.compile(r"\w+:\d+: .*")
"""How zsh says what is wrong in a function."""


def _waiting(terminal: int) -> str:
    """Return the terminal output that has not been read yet."""
    text = b""
    while select.select([terminal], [], [], 0)[0]:
        text += os.read(terminal, 65536)
    return text.decode(errors="replace")


_ZSHRC = r"""
PROMPT='> '
setopt no_auto_list no_beep
fpath=(%(scripts)s $fpath)
autoload -Uz compinit; compinit -u -D
compadd() {
  local -a added
  if [[ " $* " != *" -"[OAD]" "* ]]; then
    builtin compadd -A added "$@"
    print -rl -- $added >>%(added)s
  fi
  builtin compadd "$@"
}
answered() { print done >>%(added)s }
zle -N answered
bindkey '^I' complete-word
bindkey '^X' answered
print done >>%(added)s
"""


@contextmanager
def zsh(directory: Path, home: Path, environment: Mapping[str, str]) -> Iterator[Zsh]:
    """A zsh that begins in ``directory`` and reads its start file from ``home``."""
    (home / "added").touch()
    names = {"scripts": SCRIPTS, "added": home / "added"}
    (home / ".zshrc").write_text(_ZSHRC % names)
    ours, theirs = pty.openpty()
    with subprocess.Popen(
        ["zsh", "-d", "-i"],
        stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True,
        cwd=directory, env={**environment, "ZDOTDIR": str(home), "TERM": "dumb"},
    ) as process:  # fmt: skip
        os.close(theirs)
        shell = Zsh(ours, home)
        shell.until_done()
        yield shell
        process.kill()
        os.close(ours)


def _lines(command: Sequence[str], where: Mapping[str, object]) -> set[str]:
    done = subprocess.run(command, capture_output=True, text=True, check=False, **where)  # type: ignore[call-overload]
    assert done.stderr == "", done.stderr
    return set(filter(None, done.stdout.splitlines()))


def _quoted(word: str) -> str:
    return "'" + word.replace("'", "'\\''") + "'"
