"""Where training cuts a network: `stages` before the cut are `frozen`, and computed by the fastest backend that
agrees with torch.
"""
