"""Lower limits: the same bytes over a raw socket with the standard library only."""
