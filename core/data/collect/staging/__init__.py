"""Files on their way from a browser into a dataset: those that are `offered`, the `place` where they are meanwhile, and
what of them is `staged` there, piece by piece.
"""
