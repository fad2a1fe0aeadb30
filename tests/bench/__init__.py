"""Figures, not verdicts: each script prints ratios of things measured in the same run."""
