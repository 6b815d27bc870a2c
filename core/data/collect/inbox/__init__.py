"""The inbox of a dataset: faces that wait for a label, kept by Live and Evaluate or cut out `from_photos` by an import.
`crops` keeps, accepts and dismisses them, `table` has what a network and a person said of each, `queue` which to label
next.
"""
