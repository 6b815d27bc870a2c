"""Evaluate: the `view` of a `subject` (a network and its run), with the parts `photos`, `slices`, `most_wrong` and
`framing`; `links` to them.
"""
