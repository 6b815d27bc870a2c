"""The shape of what Mask Lab writes and reads again: frozen pydantic models, checked when they are made and when they
are read."""
