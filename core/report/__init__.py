"""Runs and all their numbers as files to hand on: a page that needs nothing else, and a model card per network."""
