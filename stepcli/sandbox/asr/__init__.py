"""Speech recognition by a small English model: from encoded audio to words with times."""
