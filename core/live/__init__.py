"""From a camera's picture to labelled people: `pipeline` (detector with `optical_flow`, `tracker` with its
`tracked_person`, at the video's `frame_rate`), `engine` (one worker for all viewers), `stream` (WebRTC, with its
`ice_servers`), `draw`; `watch` reports who stays without a mask, `media` opens and writes files.
"""
