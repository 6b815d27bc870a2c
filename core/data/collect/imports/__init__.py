"""Photos imported from ZIPs, folders and uploads: `members` gives file by file, `names` checks their paths and says
label and person, `bring_in` writes photos, and `crops` cuts those that have boxes. `annotations` finds these boxes and
labels: of `yolo`, `voc`, `coco` and a `table`, all as `marks`.
"""
