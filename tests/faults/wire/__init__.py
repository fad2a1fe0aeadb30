"""Faults of a response as bytes: in HTTP, in its JSON, in its events."""
