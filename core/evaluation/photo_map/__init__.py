"""A map of a dataset's photos: the `features` of a network, laid out on a plane by t-SNE (`layout`) in a background
process (`worker`), `kept` on disk; and `answers` of networks to photos that they had not learnt from.
"""
