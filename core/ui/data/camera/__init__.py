"""The browser's camera on the Data page: the `component` that takes pictures, the `messages` it sends, and what of them
is `taken` into a dataset.
"""
