"""From a camera's picture to labelled people: `pipeline` (detector with `optical_flow`, `tracker` with its
`tracked_person`, at the video's `frame_rate`), `still` pictures, the `doubt` in which nothing is said of a face,
`engine` (one worker for all viewers), `stream` (WebRTC, with its `ice_servers`), `draw` with its `tag_places`; `watch`
reports who stays without a mask, `media` opens and writes files.
"""
