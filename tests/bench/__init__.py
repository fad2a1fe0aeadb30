"""Figures: ``python -m tests.bench`` prints one table of ratios, each measured in the same run."""
