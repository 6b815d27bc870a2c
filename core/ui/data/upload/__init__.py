"""Upload on the Data page: the `view`, the `component` that sends files, the `messages` it sends, and what of them is
`received`.
"""
