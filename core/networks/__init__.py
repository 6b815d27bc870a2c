"""The networks. `zoo` declares each in one file as a `spec` (with its parameter `counts`), and `registry` finds them.
`build` makes one and freezes it, from `pretrained` weights; `backbone` is what of it is frozen; `checkpoint` is
the model file, with the `operating_point`, and `model_info` reads it without torch; `onnx_graph` is what other
runtimes read; `layers` describes it, and `tracing` is done by one at a time. `torchvision_models` imports torchvision
in a third of the time.
"""
