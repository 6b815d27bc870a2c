"""YuNet's answers to a picture: by OpenVINO, which takes half of OpenCV's time, or by OpenCV where that is not here.

What its network gives and means: OpenCV's FaceDetectorYN (modules/objdetect/src/face_detect.cpp), which both follow.
"""

from __future__ import annotations

import logging
from functools import cache
from pathlib import Path
from typing import Any, Protocol

import cv2
import numpy as np

from core.machine.openvino_core import openvino, shared_core
from core.schema.errors import UserError

MODEL_FILE = Path(__file__).parent / "yunet_model" / "face_detection_yunet_2023mar.onnx"
MIN_SCORE = 0.5
_OVERLAP, _MOST = 0.3, 100
_STRIDES = (8, 16, 32)
# In pixels: what is compared with other boxes has to be an int of 32 bits.
_FARTHEST = 1e6
_LOG = logging.getLogger(__name__)


class YuNet(Protocol):
    """Not thread-safe: make one for each thread or stream."""

    def rows(self, bgr: np.ndarray) -> np.ndarray:
        """Faces in a BGR picture, uint8 (H, W, 3), in its pixels, the surest first: float32 (n, 15) of x, y, width,
        height, x and y of five points, and a score in MIN_SCORE..1; all of them finite."""
        ...


def detector() -> YuNet:
    """The quicker one that is here. Raises UserError where the network's file is missing."""
    if not MODEL_FILE.is_file():
        raise UserError(f"The face detector's file {MODEL_FILE} is missing: get it again, it is part of Mask Lab.")
    try:
        return OpenVino(str(MODEL_FILE))
    except Exception as error:
        _LOG.warning("Faces are found by OpenCV, because OpenVINO fails (%s).", error)
        return OpenCv(str(MODEL_FILE))


class OpenCv:
    """By OpenCV."""

    def __init__(self, path: str) -> None:
        # More threads are faster on an idle machine, and wait for each other on one that trains or serves others
        # (2 cores, both busy: 76 ms per frame of 4 faces with one thread, 240 with two).
        cv2.setNumThreads(1)
        self._detector = cv2.FaceDetectorYN.create(path, "", (640, 480), MIN_SCORE, _OVERLAP, _MOST)

    def rows(self, bgr: np.ndarray) -> np.ndarray:
        self._detector.setInputSize((bgr.shape[1], bgr.shape[0]))
        found = self._detector.detect(bgr)[1]
        return np.zeros((0, 15), np.float32) if found is None else found[np.isfinite(found).all(axis=1)]


class OpenVino:
    """By OpenVINO, which the whole process shares."""

    def __init__(self, path: str) -> None:
        self._request = _compiled(path).create_infer_request()

    def rows(self, bgr: np.ndarray) -> np.ndarray:
        down, across = (-side % _STRIDES[-1] for side in bgr.shape[:2])
        padded = cv2.copyMakeBorder(bgr, 0, down, 0, across, cv2.BORDER_CONSTANT)
        self._request.infer([padded[None]], share_inputs=True)
        with np.errstate(over="ignore"):
            found = np.concatenate([self._of_stride(stride, padded.shape[1] // stride) for stride in _STRIDES])
        found = found[np.isfinite(found).all(axis=1)]
        boxes = found[:, :4].clip(-_FARTHEST, _FARTHEST).astype(int).tolist()
        return found[np.asarray(cv2.dnn.NMSBoxes(boxes, found[:, 14].tolist(), MIN_SCORE, _OVERLAP, top_k=_MOST), int)]

    def _of_stride(self, stride: int, columns: int) -> np.ndarray:
        """The cells of a grid that hold a face, as rows. A cell tells the face's middle and points from its own corner
        on, in strides, and the logarithm of its sides."""
        sure = np.sqrt(np.clip(self._said("cls", stride), 0, 1) * np.clip(self._said("obj", stride), 0, 1))[:, 0]
        cells = np.flatnonzero(sure >= MIN_SCORE)
        corner = np.stack([cells % columns, cells // columns], axis=1).astype(np.float32)
        box, points = self._said("bbox", stride)[cells], self._said("kps", stride)[cells]
        sides = np.exp(box[:, 2:]) * stride
        middle = (corner + box[:, :2]) * stride
        places = (points.reshape(-1, 5, 2) + corner[:, None]) * stride
        return np.hstack([middle - sides / 2, sides, places.reshape(-1, 10), sure[cells, None]]).astype(np.float32)

    def _said(self, name: str, stride: int) -> np.ndarray:
        return self._request.get_tensor(f"{name}_{stride}").data[0]


@cache
def _compiled(path: str) -> Any:
    """The network for pictures of any size, uint8 (1, H, W, 3), with one thread, as OpenCV has."""
    package, shared = openvino(), shared_core()
    model = shared.read_model(path)
    model.reshape([1, 3, -1, -1])
    steps = package.preprocess.PrePostProcessor(model)
    steps.input().tensor().set_element_type(package.Type.u8).set_layout(package.Layout("NHWC"))
    steps.input().model().set_layout(package.Layout("NCHW"))
    return shared.compile_model(
        steps.build(), "CPU", {"PERFORMANCE_HINT": "LATENCY", "INFERENCE_NUM_THREADS": 1,
                               "INFERENCE_PRECISION_HINT": "f32"}
    )  # fmt: skip
