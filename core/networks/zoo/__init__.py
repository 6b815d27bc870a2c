"""The networks, one a file, each with its SPEC; docs/how-to-add.md says how to add one. What a file imports when it
is imported needs no torch: builders import it themselves.
"""
