"""The service's API, one module per endpoint, and conversion between JSON and dataclasses."""
