"""What commands show: `console` (progress, percentages), `keys` (ESC), `follow_run`, `finished` runs, an
`evaluation_table`, the `source_table`, the `ablation_table`, and a video's `tally`.
"""
