"""One file per command: `train`, `sweep`, `evaluate`, `classify`, `compare`, `report`, `stress`, `describe`,
`export`, `doubts` (label issues), `cache`.
"""
