"""Pictures and video in and out: `sources`, `video` frame by frame, `outputs`."""
