"""One file per command: `train`, `sweep`, `evaluate`, `classify`, `compare`, `report`, `stress`, `describe`,
`export`, `label_issues` (typed doubts), `cache`.
"""
