"""What everything else is told in: `labels`, `train_config` (every hyperparameter once, with its `effects`; in
`setting_words` as people read it), `presets`, the `run_report` and the `result` on one set of photos in it, and, in
`errors`, the one exception that users see.
"""
