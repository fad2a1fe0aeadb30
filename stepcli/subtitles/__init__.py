"""Pure functions that align words, shape cues and render subtitle formats."""
