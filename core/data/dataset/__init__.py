"""A folder of labelled photos. `scan` lists what it holds, from its `label_folders`, `walk` (sub-folders),
`inspect_file` (one file) and `scan_cache` (what was found before); `label_decisions` are made by hand, in one of the
`hand_tables` beside the photos; `near_duplicates` and `split` say which photos belong together and which part they go
to, which groups are dealt into by `assign`; `held_out` says which sources can be left out; `torch_dataset` hands a
part to training; `versions` are its states, and what changed between them.
"""
