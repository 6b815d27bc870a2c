"""A sweep drawn: every training as a line through its settings (`parallel`)."""
