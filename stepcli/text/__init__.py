"""Pure functions on text: tokens, sentence boundaries, chunking, stage directions."""
