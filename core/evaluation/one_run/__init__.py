"""The numbers of one network on one set of photos. `predict` and `predictions` are the material; `measure` puts
together `metrics`, `bootstrap` intervals, `calibration` and the operating `threshold`; `slices` finds where it is
weak.
"""
