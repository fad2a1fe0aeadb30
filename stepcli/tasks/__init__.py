"""The order of work. Clients, sinks and sources are handed in."""
