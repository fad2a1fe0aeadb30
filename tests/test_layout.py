"""Each module has its test file, and each test file its module."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

TESTS = Path(__file__).parent
PACKAGE = TESTS.parent / "stepcli"
SMALL = 60
"""Modules of fewer lines may be tested with a neighbour."""
OTHER_DIRECTORIES = {"bench", "devices", "faults", "package", "readme", "support"}
"""Directories of tests that are about the program as a whole, or helpers."""
ACROSS_MODULES = {
    "api/test_samples.py": "the recorded answers of the service are read",
    "cli/docs/test_fresh.py": "the generated files are up to date",
    "sandbox/test_samples.py": "the recorded requests are answered as recorded",
    "test_contract.py": "the promises to users",
    "test_file_creation.py": "a rule for the whole source",
    "test_import_rules.py": "a rule for the whole source",
    "test_layout.py": "a rule for the whole source",
    "test_platforms.py": "other systems than Linux",
    "test_prose.py": "a rule for the whole source",
    "test_readme.py": "the README",
}


def _modules() -> Iterator[Path]:
    for path in sorted(PACKAGE.rglob("*.py")):
        if path.name != "__init__.py":
            yield path.relative_to(PACKAGE)


def _test_files() -> Iterator[Path]:
    for path in sorted(TESTS.rglob("test_*.py")):
        name = path.relative_to(TESTS)
        if name.parts[0] not in OTHER_DIRECTORIES:
            yield name


def test_each_module_has_its_test_file() -> None:
    missing = [
        f"tests/{module.with_name(f'test_{module.name}').as_posix()}"
        for module in _modules()
        if module.name != "__main__.py"
        and len((PACKAGE / module).read_text().splitlines()) >= SMALL
        and not (TESTS / module.with_name(f"test_{module.name}")).exists()
    ]
    assert missing == []


def test_each_test_file_is_named_after_a_module() -> None:
    """``test_speak_subtitles.py`` holds a topic of ``speak.py``."""
    modules = [path.with_suffix("") for path in _modules()]
    unnamed = [
        path.as_posix()
        for path in _test_files()
        if path.as_posix() not in ACROSS_MODULES
        and not any(_is_about(path, module) for module in modules)
    ]
    assert unnamed == []


def test_every_exception_is_needed() -> None:
    assert ACROSS_MODULES.keys() <= {path.as_posix() for path in _test_files()}


def _is_about(path: Path, module: Path) -> bool:
    return path.parent == module.parent and f"{path.stem}_".startswith(f"test_{module.name}_")
