"""Speech synthesis of text that is still being written."""
