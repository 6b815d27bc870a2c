"""Measurements that docs/ quotes: each is one command."""
