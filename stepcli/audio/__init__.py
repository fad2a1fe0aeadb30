"""Audio on this machine: files, containers, codecs and devices."""
