"""Watch mode: `events`, told to a `webhook`, with `thumbnails` where a user wants them; and the `keeper` of faces for a
dataset's inbox.
"""
