"""What is possible: the same bytes over a raw socket, with nothing but the standard library."""
