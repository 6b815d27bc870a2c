"""From a camera's picture to labelled faces."""
