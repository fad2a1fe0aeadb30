"""Input and output of commands: text, audio, the terminal, progress."""
