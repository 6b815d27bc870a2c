"""Runs against each other: `entries` (with `repeats`) on their `shared_photos`; `paired` statistics of `two_runs`;
what `wrong_mask_training` gains; the `ablation`; all of it `under_stress`; beside the `student_reports`.
`answer_cache` keeps predictions on photos that a run did not test.
"""
