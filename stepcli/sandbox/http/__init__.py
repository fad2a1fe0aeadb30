"""Validation, errors and responses of the HTTP endpoints."""
