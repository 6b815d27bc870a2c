"""The map of a dataset's photos: its `view` with progress and Stop, the `choice` of network and colour, the `colours`
that points may have, and the `component` that draws them in the browser (shapes.js and map.js, map.css) and shows the
picture of one (picture.js).
"""
