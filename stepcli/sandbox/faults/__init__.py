"""What surrounds the endpoints: faults, the log, the connections they happen on."""
