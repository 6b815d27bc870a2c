"""Live: the `view`, `camera_help`, `uploads` of clips and photos, `watch` mode with its `beep`, `webrtc_fixes`."""
