"""What training does to its photos at random: `affine` (report A's augmentation), `robust` with its `held_things`, and
`worn_masks`."""
