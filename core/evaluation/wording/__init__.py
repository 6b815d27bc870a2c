"""Results as sentences: `sentences` of a run, the `operating_words`, `advice` on wrong_mask, `stress_words`,
`by_source_words`, `source_signal_words`, `source_words` of runs that leave a source out, and `version_words` of what a
dataset was."""
