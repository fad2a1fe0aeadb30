"""What a command's page shows as it stands: grammars and tables that were set by hand."""

from __future__ import annotations

from stepcli.sandbox import FAULTS

NOTES = {"sandbox": (("Faults", FAULTS.rstrip()),)}
