"""Photos whose label is likely wrong: `label_issues` finds them from `out_of_fold` predictions or
`imagenet_features`.
"""
