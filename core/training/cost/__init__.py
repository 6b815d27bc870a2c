"""What a training will take: the `estimate`, from earlier runs or a `probe` on `noise`, and the `forecast` of a
sweep.
"""
