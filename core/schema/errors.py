"""The one exception for what a user can put right; its message is a sentence fit to be shown as it is."""


class UserError(ValueError):
    """Something the user gave is wrong: says what, where, and what to do about it."""
