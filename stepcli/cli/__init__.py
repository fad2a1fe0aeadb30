"""The command line: commands, options and output. Only this package imports Typer and rich."""
