"""Data: a `new_dataset`, ways to `add` photos (`capture` with the `camera`, `upload`), the `view` with a `grid` of all
photos, the `photo_map`, the dataset's `health` with its `health_sources`, and its `versions`, a dialog to `forget` a
person, the `label_issues` with a `label_issue_card` each, the `inbox` of faces that wait for a label, and the
`cache_view`; `browser_actions` of what runs in the browser.
"""
