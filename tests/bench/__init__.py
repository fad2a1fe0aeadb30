"""Benchmarks: ``python -m tests.bench`` prints a table of ratios, each measured in one run."""
