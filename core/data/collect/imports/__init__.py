"""Photos imported from ZIPs, folders and uploads: `members` gives file by file, `names` checks their paths and says
label and person, `kinds` which are photos, `bring_in` writes photos, `crops` cuts those that have boxes, and a `tally`
says what came of it. `annotations` finds these boxes and labels: of `yolo`, `voc`, `coco` and a `table`, as `marks`.
"""
