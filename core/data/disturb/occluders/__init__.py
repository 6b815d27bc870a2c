"""Things before a face, placed by its eyes, nose and mouth: one file per kind, with the designs that training may show
and others that are kept for tests.
"""
