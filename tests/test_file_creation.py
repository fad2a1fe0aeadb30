"""Only the storage package creates the program's own files and directories."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "stepcli"
CREATING = {
    "mkdir", "makedirs", "mkstemp", "mkdtemp", "touch", "write_text", "write_bytes",
    "NamedTemporaryFile", "TemporaryDirectory", "TemporaryFile", "SpooledTemporaryFile",
    "symlink_to", "link", "rename", "copyfile", "copy2", "move", "FileIO",
}  # fmt: skip
"""Functions and methods that create files, whatever they are called on."""
ALLOWED = {
    ("cli/io/output.py", "mkdir"): "the directory that the user names with --output-dir",
    ("cli/io/output.py", "FileIO"): "FIFOs, devices and stdout",
    ("cli/docs/__main__.py", "mkdir"): "generates documentation in a checkout",
    ("cli/docs/__main__.py", "write_text"): "generates documentation in a checkout",
    ("cli/completion/install.py", "mkdir"): "the shell's own directory",
    ("cli/completion/install.py", "write_text"): "the shell's own file",
    ("cli/completion/install.py", "open"): "the shell's own start-up file",
    ("cli/io/terminal.py", "open"): "/dev/null in place of a closed stream",
}


def _sources() -> list[Path]:
    return sorted(
        path
        for path in PACKAGE.rglob("*.py")
        if path.relative_to(PACKAGE).parts[0] not in ("storage", "sandbox")
    )


def _creators(path: Path) -> Iterator[str]:
    """Yield the name of each function called in the file that creates something."""
    for node in ast.walk(ast.parse(path.read_text())):
        if not isinstance(node, ast.Call):
            continue
        name = getattr(node.func, "attr", getattr(node.func, "id", ""))
        if name in CREATING or (name == "open" and _writes(node)):
            yield name


def _writes(call: ast.Call) -> bool:
    """Whether a call of `open` has a mode, or flags of os.open, with which it may create."""
    arguments = [*call.args, *(keyword.value for keyword in call.keywords)]
    text = " ".join(ast.unparse(argument) for argument in arguments)
    modes = [one.value for one in arguments if isinstance(one, ast.Constant)]
    return (
        "O_CREAT" in text
        or any(
            isinstance(mode, str) and len(mode) <= 3 and set(mode) & set("wax") for mode in modes
        )
        or "'w'" in text
    )


@pytest.mark.parametrize("path", _sources(), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_file_is_created_by_the_storage_package(path: Path) -> None:
    name = path.relative_to(PACKAGE).as_posix()
    assert {one for one in _creators(path) if (name, one) not in ALLOWED} == set()


def test_every_exception_is_needed() -> None:
    found = {
        (path.relative_to(PACKAGE).as_posix(), name)
        for path in _sources()
        for name in _creators(path)
    }
    assert set(ALLOWED) - found == set()
