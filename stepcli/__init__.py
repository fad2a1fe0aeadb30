"""Speak text and transcribe audio from the terminal."""

__version__ = "0.1.0"
