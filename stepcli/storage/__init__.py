"""Files and directories that stepcli creates for itself; no other package creates any."""
