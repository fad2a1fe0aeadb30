"""What somebody would write instead: short scripts around well-known packages."""
