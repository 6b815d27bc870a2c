"""Compare: the `view`, which runs (`choice`), and its parts `tables`, `wrong_mask`, `stress` and `ablation_view`."""
