"""What can go wrong with an answer, as bytes: over HTTP, in its JSON, in its events."""
