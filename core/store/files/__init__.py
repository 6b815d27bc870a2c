"""How files are written and read: whole or not at all (`atomic`), with a digest inside (`checked_json`) or beside
them (`checked_csv`), and read again only where they changed (`file_cache`).
"""
