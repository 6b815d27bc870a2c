"""Numbers from predictions, and comparisons of runs."""
