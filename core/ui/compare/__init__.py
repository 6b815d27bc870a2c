"""Compare: the `view` (which runs: `choice`; the `verdict`; what is open: `folds`; `curves`; all kept in the
`address`), what is worked out once (`reads`), and its parts `tables`, `wrong_mask`, `stress`, `new_source`,
`ablation_view` and, of `versions`, the photos added since, and of `sources`, who is better on which."""
