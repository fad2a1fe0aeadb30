"""Text to speech by espeak-ng: from text to samples to encoded audio."""
