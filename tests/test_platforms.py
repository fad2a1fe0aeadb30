"""Modules that exist on one platform only are imported conditionally.

Names that a module lacks on Windows or macOS (``os.fork``, ``signal.SIGHUP``) are found by mypy,
which ``.ci/run`` runs for each platform. The program itself is not run there.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.program import Program

PACKAGE = Path(__file__).parents[1] / "stepcli"

POSIX_MODULES = {
    "crypt", "curses", "fcntl", "grp", "nis", "posix", "pty", "pwd", "readline", "resource", "spwd",
    "syslog", "termios", "tty",
}  # fmt: skip
WINDOWS_MODULES = {"_winapi", "msvcrt", "winreg", "winsound"}


class Unguarded(ast.NodeVisitor):
    """A collector of unconditional imports of platform-specific modules."""

    def __init__(self) -> None:
        self.found: list[str] = []
        self._guards = 0

    def visit_Import(self, node: ast.Import) -> None:
        for alias in node.names:
            self._use(node, alias.name.partition(".")[0])

    def visit_ImportFrom(self, node: ast.ImportFrom) -> None:
        self._use(node, (node.module or "").partition(".")[0])

    def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
        """Treat code after an early return on other platforms as guarded."""
        before = self._guards
        for statement in node.body:
            self.visit(statement)
            self._guards += _leaves_the_others(statement)
        self._guards = before

    def visit_If(self, node: ast.If) -> None:
        self._guarded(node, _asks_for_the_system(node))

    def visit_Try(self, node: ast.Try) -> None:
        self._guarded(node, any(one.type and _names_it(one.type) for one in node.handlers))

    def visit_With(self, node: ast.With) -> None:
        self._guarded(node, any(_names_it(one.context_expr) for one in node.items))

    def _guarded(self, node: ast.AST, guard: bool) -> None:
        self._guards += guard
        self.generic_visit(node)
        self._guards -= guard

    def _use(self, node: ast.stmt, name: str) -> None:
        if name in POSIX_MODULES | WINDOWS_MODULES and not self._guards:
            self.found.append(f"line {node.lineno}: {name}")


def _names_it(node: ast.expr) -> bool:
    return "ImportError" in ast.unparse(node)


def _leaves_the_others(node: ast.stmt) -> bool:
    leaves = isinstance(node, ast.If) and isinstance(node.body[-1], ast.Return | ast.Raise)
    return leaves and _asks_for_the_system(node)


def _asks_for_the_system(node: ast.stmt) -> bool:
    if not isinstance(node, ast.If):
        return False
    question = ast.unparse(node.test)
    return any(name in question for name in ("sys.platform", "os.name", "TYPE_CHECKING"))


def unguarded(source: str) -> list[str]:
    visitor = Unguarded()
    visitor.visit(ast.parse(source))
    return visitor.found


@pytest.mark.parametrize(
    "path", sorted(PACKAGE.rglob("*.py")), ids=lambda path: str(path.relative_to(PACKAGE))
)
def test_platform_specific_imports_are_guarded(path: Path) -> None:
    assert unguarded(path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("import termios", ["line 1: termios"]),
        ("from fcntl import ioctl", ["line 1: fcntl"]),
        ("def f():\n    import msvcrt", ["line 2: msvcrt"]),
        ("if sys.platform != 'win32':\n    import termios", []),
        ("try:\n    import termios\nexcept ImportError:\n    pass", []),
        ("try:\n    import termios\nexcept OSError:\n    pass", ["line 2: termios"]),
        ("with suppress(ImportError):\n    import readline", []),
        ("def f():\n    if os.name == 'nt':\n        return\n    import pwd", []),
        ("def f():\n    if quiet:\n        return\n    import pwd", ["line 4: pwd"]),
    ],
)
def test_what_is_a_guard(source: str, found: list[str]) -> None:
    assert unguarded(source) == found


def _names() -> Iterator[str]:
    """Return code that hides POSIX modules, including their uses in the standard library."""
    yield "import sys"
    yield from (f"sys.modules[{name!r}] = None" for name in POSIX_MODULES - {"posix"})


def test_program_runs_without_posix_modules(stepcli: Program) -> None:
    (stepcli.home / "sitecustomize.py").write_text("\n".join(_names()))
    stepcli.environ["PYTHONPATH"] = str(stepcli.home)
    for arguments in (
        ("speak", "Hello there, my good friend.", "-o", "x.wav"),
        ("transcribe", "-l", "en", "x.wav"),
        ("config", "set", "voice", "vibrant-youth"),
        ("auth", "status"),
        ("speak", "--help"),
    ):
        done = stepcli(*arguments)
        assert done.code == 0, done.stderr
