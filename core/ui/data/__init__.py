"""Data: the `view`, its `label_issues` with a `label_issue_card` each, and the `cache_view`."""
