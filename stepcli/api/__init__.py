"""The service on the wire: one endpoint a file; turning requests into JSON and answers back is pure."""
