"""A trained network at work, for evaluation and live alike: `predictor`, `labelled_photos` and its answers on them,
what it guesses of `unlabelled` ones, when it is `unsure`, files to take elsewhere (`export`, `quantise`; `exported`
tells which are outdated), and `runtimes`.
"""
