"""What lies on disk and who is at work on it. `paths` says where and `files` how; `jobs` are background processes
with their `job_state`, found by `processes` and kept apart by `locks`. `runs` (with `run_files`, `run_summary`,
`run_notes` and `run_names`) and `sweeps` are the only code that knows a file name under runs/.
"""
