"""Photos that come into a dataset: `new_dataset` makes its folder, `incoming` judges a camera's picture and a `burst`
those of a video, `face_crop` cuts the face out, `keep_photo` writes one photo, and `sources` says where photos came
from; `imports` takes ZIPs, folders and uploads apart, and `staging` is where uploads are kept until they are whole.
Photos that are looked after: `photo_list` filters and sorts them without opening any, `sharpness` is measured in a
process of its own, `move_photos` gives them another place, and the `photo_bin` is one of those.
Faces that wait for a label are in the `inbox`.
"""
