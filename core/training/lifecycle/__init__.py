"""A run's background process: `launch` starts, stops and resumes it, `worker` is it, `session` trains in it (with
`tensorboard_events`), `publish` measures the finished network and writes it, `unpublish` removes
one again; and what came of a person's photos goes with them (`forget_person`).
"""
