"""The parts of one run's page (`run_view`): its `title` with notes, the row of `actions` with `downloads`, `delete`
and `train_again`, and the `tabs`, of which the `curves` move.
"""
