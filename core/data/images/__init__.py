"""One picture: `decode` reads or refuses a file, `thumbnail` makes it small to look at, `preprocessing` is the one
resize and normalisation; `video` gives a file's pictures one after another.
"""
