"""Watch mode: `events`, told to a `webhook`, with `thumbnails` where a user wants them."""
