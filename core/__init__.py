"""Mask Lab's library: everything below the pages and the command line. Data flows through its packages in this order:
`schema`, `store` (with `text` and `machine` beside them), `data`, `networks`, `inference`, `training`, `evaluation`,
`live`, `charts`, `report`, `cli`, `ui`. docs/architecture.md draws them.
"""
