"""The grid of a dataset's photos: its `view` with `filters` and pages, the `component` that draws one page of it in the
browser (grid.js, grid.css), and `actions` on what was selected there, with the way back; `ranks` are what it is sorted
by beside files' names and times, and `chosen` the photos that come from the map.
"""
