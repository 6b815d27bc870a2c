"""Live: the `view` with its `layout`, `about` the network, `camera_help`, `uploads` of clips and photos, `watch` mode
with its `beep`, what is `wrong`, `keep_faces` for training, `webrtc_fixes`.
"""
