"""Numbers and tables as people read them, the same on pages, in reports and on the terminal."""
