"""Photos: taken in (`collect`), found and split (`dataset`), decoded (`images`), kept decoded (`cache`), faces in them
found (`faces`), augmented (`augment`), degraded (`disturb`), and drawn (`synthetic`); what in a
dataset may mislead a training (`health`).
"""
