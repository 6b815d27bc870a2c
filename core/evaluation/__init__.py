"""Whether to believe a number: `one_run`, runs against each other (`compare`), worse photos (`stress`), why
(`explain`), photos with doubtful labels (`label_issues`), and what to say of it all (`wording`).
"""
