"""Completion scripts for bash, zsh, fish and PowerShell, and their installation."""
