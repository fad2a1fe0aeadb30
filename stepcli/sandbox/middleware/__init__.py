"""Everything around the endpoints: connections, authentication, latency, the request log."""
