"""The inbox of a dataset: its `view`, and the `component` that asks for one label after the other in the browser
(inbox.js, inbox.css).
"""
