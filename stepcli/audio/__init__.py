"""Sound on this machine: files, containers, devices. Never heard of HTTP."""
