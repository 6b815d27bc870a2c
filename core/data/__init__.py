"""Photos: found, decoded, refused, grouped, split, resized and augmented."""
