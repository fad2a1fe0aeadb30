"""One module for each command, and the modules that only one command uses."""
