"""What is kept under cache/ so that it need not be computed again: `resized_images` in memory-mapped `segments`,
found by a `key_value_log`; `network_outputs` (cached augmented features, ImageNet features, ONNX graphs).
"""
