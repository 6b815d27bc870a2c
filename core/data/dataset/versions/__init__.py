"""A dataset's states: the `manifest` of one, the `difference` between two, and `photos_of` one among those that are
there now.
"""
