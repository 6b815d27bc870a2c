"""Runs against each other: `entries` (with `repeats`; `preselect` finds those that go together) on their
`shared_photos`; `paired` statistics of `two_runs` and their `trade_off` as one verdict; what `wrong_mask_training`
gains; the `ablation`; all of it `under_stress`; beside the `student_reports`. `answer_cache` keeps predictions on
photos that a run did not test.
"""
