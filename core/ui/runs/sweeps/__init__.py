"""Sweeps: those unfinished and one sweep's `page`, its `rows` as tables, and what each setting did (`effects`)."""
