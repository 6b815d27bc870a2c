"""Runs: the `table` of all; one run (`run_view`), whose parts are in `one_run`, with its `network_layers` and
`stress_view`; the `sweeps`; the `progress` of what is at work, and `confirm` before something is deleted.
"""
