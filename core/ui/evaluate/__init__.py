"""Evaluate: the `view` of a `subject` (a network and its run), with the parts `photos`, `slices`, `most_wrong` and
`framing`, and their `photo_grid`; the result `by_source`; what is `wrong`; `links` to them.
"""
