"""From photos to a network. `prepare` splits and builds, `loop` trains with `compute`, `batches`, `cached_features`,
`averaging` and `epoch_metrics`. `lifecycle` is the background process, `sweeps` are many trainings, `cost` says how
long they take.
"""
