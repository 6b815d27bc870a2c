"""What training does to its photos at random: `affine` (report A's augmentation), `robust`, and
`worn_masks`."""
