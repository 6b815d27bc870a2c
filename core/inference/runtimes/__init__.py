"""torch, ONNX Runtime and OpenVINO (`kinds`), with int8 files (`int8`); `choose` takes the fastest that is in
`agreement` with the `torch_reference`, also on `real_photos`; the `network_cache` starts a known network without
torch.
"""
