"""What versions of a dataset tell of runs: which are `known` from runs; two runs on the photos `added_since` the older
one; and, of `known_tests`, which faces that were kept are nearly a run's test photo.
"""
