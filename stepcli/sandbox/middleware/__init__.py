"""What every request passes before an endpoint: authentication, logging, limits."""
