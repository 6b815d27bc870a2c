"""Corruptions as cameras and places make them, in the manner of ImageNet-C (Hendrycks and Dietterich, 2019): one
file per kind.
"""
