"""Options, arguments, the config file and how commands are registered."""
