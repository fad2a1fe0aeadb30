"""The service on the wire, one endpoint a file; between JSON and dataclasses all is pure."""
