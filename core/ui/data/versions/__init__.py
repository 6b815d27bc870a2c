"""The Data page's `view` of a dataset's versions: those that runs were given, and what changed between two."""
