"""One file per command: `train`, `sweep`, `evaluate`, `classify`, `compare`, `report`, `stress`, `describe`,
`export`, `cache`; those about photos are in `photos`.
"""
