"""Evaluate: the `view` of a `subject` (a network and its run), with the parts `photos`, `slices`, `most_wrong` and
`framing`, and their `photo_grid`; what is `wrong`; `links` to them.
"""
