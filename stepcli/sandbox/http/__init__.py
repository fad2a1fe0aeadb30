"""HTTP building blocks that all endpoints share: request validation, errors, responses."""
