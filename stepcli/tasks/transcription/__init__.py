"""Transcription of recordings of any length and of the microphone."""
