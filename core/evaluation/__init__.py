"""Whether to believe a number: `one_run`, runs against each other (`compare`), worse photos (`stress`), why
(`explain`), photos with doubtful labels (`label_issues`), numbers `by_source`, sources that training never saw
(`new_source`), what changed since a run (`versions`), photos as a network sees them (`photo_map`), and what to say of
it all (`wording`).
"""
