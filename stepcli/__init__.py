"""Speak text and transcribe sound from the terminal."""

__version__ = "0.1.0"
