"""Compare's part on the sources of the shared test photos: `by_source`."""
