"""What a training will take: the `estimate`, from earlier runs or a `probe` on `noise`, and a `sweep_forecast`."""
