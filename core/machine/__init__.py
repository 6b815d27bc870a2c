"""This machine: `environment` (versions, commit, processor), `contention` (whether other processes used the
processors during a measurement), `openvino_core` (OpenVINO without telemetry).
"""
