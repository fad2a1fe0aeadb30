"""Fault injection: the syntax of a fault, and the middleware that performs it."""
