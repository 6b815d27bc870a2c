"""Things before a face, placed by its eyes, nose and mouth: one file a kind, with the designs that training may show
and others that are kept for tests.
"""
