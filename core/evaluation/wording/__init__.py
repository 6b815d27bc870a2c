"""Results as sentences: `sentences` of a run, `advice` on wrong_mask, `stress_words`."""
