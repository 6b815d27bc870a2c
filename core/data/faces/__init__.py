"""Faces in photos: the `detector` and its one widened crop, run by `yunet`; `landmarks` of each photo's face; its
`attributes` (size, light, sharpness, pose) with the `mask_colour`.
"""
