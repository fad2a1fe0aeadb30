"""The person's side: Typer and rich live here and nowhere else, one file a command."""
