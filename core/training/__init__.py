"""Training: the loop, the background process, and starting, stopping and queueing it."""
