"""The parts of one run's page (`run_view`): its `title` with notes, the row of `actions` with `downloads` and `delete`,
and the `tabs`, of which the `curves` move.
"""
