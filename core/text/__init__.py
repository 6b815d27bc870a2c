"""Words on their way to a reader: `numbers` (percent, duration), `tables`, and `markup`, which makes foreign text
safe to show.
"""
