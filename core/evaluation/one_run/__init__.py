"""The numbers of one network on one set of photos. `predict` and `predictions` are the material; `measure` puts
together `metrics`, `bootstrap` intervals, `calibration` and what the operating point stops and misses, which
`choose_threshold` chose and `set_point` sets by hand; `slices` finds where it is weak.
"""
