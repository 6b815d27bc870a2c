"""Ways to run a trained network, and the choice of the fastest that says what torch says."""
