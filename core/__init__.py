"""Mask Lab's library: everything below the pages and the command line."""
