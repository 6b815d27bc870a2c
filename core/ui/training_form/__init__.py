"""The sidebar's form: `form` of `fields`, one training or a `study` (with a `grid`), and the `estimates` of what it
costs.
"""
