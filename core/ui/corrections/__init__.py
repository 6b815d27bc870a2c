"""What somebody says against a network's answer: `ask` for the right label, and the face goes into a dataset's inbox.
"""
