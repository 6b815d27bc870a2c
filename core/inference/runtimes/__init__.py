"""Backends that run a trained network, and the choice of the fastest that agrees with torch."""
