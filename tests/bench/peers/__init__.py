"""Other clients: short scripts based on well-known packages."""
