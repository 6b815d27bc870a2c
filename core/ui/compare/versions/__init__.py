"""What Compare says of versions of the photos: `added`, two entries on the photos added since."""
