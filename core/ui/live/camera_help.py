"""What the Live page says about cameras: the player's own texts, help with permissions, and STUN and TURN servers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import streamlit as st

from core.live.ice_servers import SETTING
from core.text.markup import plain

if TYPE_CHECKING:
    from streamlit_webrtc import Translations

TEXTS: Translations = {
    "device_ask_permission": "The browser asks whether this page may use the camera: allow it.",
    "device_access_denied": "The browser refused the camera. Allow it beside the address, then reload the page.",
    "device_not_available": "No camera was found. Plug one in and reload, or use a clip or a photo instead.",
    "media_api_not_available": "This address gets no camera: browsers give it to https and localhost only.",
}
NO_CAMERA_HERE = TEXTS["media_api_not_available"] + " Use a clip or a photo instead."
_HELP = """
- **NotAllowedError**: click the camera or lock symbol beside the address, allow the camera, reload the page.
- **NotFoundError**: plug a camera in and reload, or use a clip or a photo.
- **NotReadableError**: close other programs that use the camera (video calls), reload.
- **The address begins with http and is not localhost**: browsers give the camera to https and localhost only.
- **Camera on, but no picture comes back?** The network between this browser and the server blocks video: see below.
"""
_ACROSS = f"""
On the machine that runs Mask Lab nothing is needed. Across a network, browser and server must find a way to each other:
a STUN server tells each its outer address, a TURN server carries the video where there is no direct way. Start Mask Lab
with `{SETTING}` set to your own, separated by commas (`stun:host:3478`), or for TURN as JSON
(`[{{"urls": "turn:host", "username": "…", "credential": "…"}}]`). No public server is ever asked by default.
"""


def show(servers: list[dict[str, Any]]) -> None:
    """Help below the player; `servers` as core.live.ice_servers gives them."""
    with st.expander("No picture, or an error above?", icon=":material/help:"):
        st.markdown(_HELP)
    with st.expander("Camera across a network (STUN, TURN)", icon=":material/lan:"):
        st.markdown(_ACROSS)
        addresses = [url for server in servers for url in server["urls"]]
        now = ", ".join(plain(url) for url in addresses) or "none"
        st.markdown(f"Set now: **{now}**.")
