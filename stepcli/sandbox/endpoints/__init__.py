"""The endpoints of the service, one a file."""
