"""Completion scripts for bash, zsh, fish and PowerShell, and how they are installed."""
