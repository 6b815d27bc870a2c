"""The sidebar's `form`, whose widgets (`fields`) hold the `settings`; `advanced` has what few change, an experiment of
several trainings (`study`, with a `grid`) among it; `cost` says what it takes, by `estimates` made in the background.
"""
