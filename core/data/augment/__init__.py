"""What training does to its photos at random: `affine` (report A's augmentation) and `robust`."""
