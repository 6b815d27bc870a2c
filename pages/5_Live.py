"""Live: label faces on a webcam, in a clip or in a photo with a trained network."""

from core.ui.common.page import page
from core.ui.live import view

with page("Live", "What a network says of the faces before the camera, right now."):
    view.show()
