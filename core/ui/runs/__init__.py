"""Runs: the `run_list`, one run (`run_view`) with its `network_layers` and `stress_view`, sweeps (`sweep_view`,
`sweep_table`), and the `progress` of what is at work.
"""
