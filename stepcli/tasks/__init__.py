"""Orchestration of one job with clients, sinks and sources that the caller passes in."""
