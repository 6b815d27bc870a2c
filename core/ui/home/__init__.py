"""Home: the `front_page` with its `cards` and `results`, the `label_picture`, and `demo` faces to begin with."""
