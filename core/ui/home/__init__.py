"""Home: its `front_page`."""
