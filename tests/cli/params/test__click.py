"""``stepcli.cli.params._click``: what is used of Typer beyond its documented interface."""

from __future__ import annotations

import ast
from pathlib import Path

from stepcli.cli.params import _click
from stepcli.cli.params._click import ParameterSource, TyperOption

ROOT = Path(__file__).parents[3]
HELP = (
    "Typer has changed what stepcli uses of its internals. Adapt stepcli/cli/params/_click.py, or "
    "lower the bound of typer in pyproject.toml."
)


def test_private_modules_are_imported_in_one_file() -> None:
    importers = {
        str(path.relative_to(ROOT))
        for directory in ("stepcli", "tests")
        for path in (ROOT / directory).rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ImportFrom)
        and (node.module or "").startswith(("typer._", "typer.core", "typer.models"))
    }
    assert importers == {"stepcli/cli/params/_click.py"}


def test_typer_has_what_we_use() -> None:
    """Attributes that the modules of ``cli`` read or override."""
    expected = {
        _click.Command: ("get_help", "get_help_option", "get_params", "parse_args", "make_context"),
        _click.Context: ("find_root", "get_parameter_source", "set_parameter_source", "invoke"),
        _click.TyperGroup: ("resolve_command",),
        _click.ParamType: ("convert", "envvar_list_splitter"),
        _click.ClickUsageError: ("format_message",),
    }
    missing = [
        f"{owner.__name__}.{name}"
        for owner, names in expected.items()
        for name in names
        if not hasattr(owner, name)
    ]
    assert missing == [], HELP
    assert {"COMMANDLINE", "ENVIRONMENT", "DEFAULT_MAP"} <= set(ParameterSource.__members__), HELP
    option = TyperOption(param_decls=["--x"], type=str, envvar="X", rich_help_panel="Y")
    for name in ("opts", "envvar", "metavar", "multiple", "is_flag", "hidden", "rich_help_panel"):
        assert hasattr(option, name), HELP
