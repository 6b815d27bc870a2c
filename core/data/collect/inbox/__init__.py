"""The inbox of a dataset: faces that Live and Evaluate kept to be labelled. `crops` keeps, accepts and dismisses them,
`table` has what a network and a person said of each, `queue` which to label next.
"""
