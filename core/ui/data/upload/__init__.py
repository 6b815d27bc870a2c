"""Upload on the Data page: the `view`, the `component` that sends files, the `messages` it sends, the `route` to which
the pieces of files come, and what of all this is `received`.
"""
