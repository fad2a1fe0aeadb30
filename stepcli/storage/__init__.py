"""Files and directories of the program's own: the only package that creates them."""
