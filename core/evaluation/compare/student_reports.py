"""What the two student reports published, as a reference block: reported there, not measured here."""

from __future__ import annotations

from dataclasses import dataclass

# Report A's README, "Discussion of Results": singultek/face_mask_detection, Apache-2.0.
SOURCE_A = "S. Gültekin, face_mask_detection (2021), reported on a split of 1,047 private photos"
SOURCE_B = (
    "a term report of an introduction to AI, a ResNet-50 on about 15,000 training and 4,000 validation faces; its "
    "custom photos are 8, 4 per label, 2 of each 4 cropped tightly to the face"
)
# Said wherever figures of both may be seen.
LOSSES = (
    "Report B's losses are sums over all photos of a loader: its validation loss times 3.75 (15,000 to 4,000 photos) "
    "compares with its training loss. Mask Lab's are means per photo, which compare as they are."
)


@dataclass(frozen=True)
class Reported:
    """A published row; accuracies in percent, None where the report has none. `custom` is of photos from elsewhere."""

    model: str
    training: float | None
    validation: float | None
    test: float | None
    custom: float | None = None


REPORT_A = (
    Reported("ResNet-not_retrain-2classes-64-60-0.00100000.pth", 96.04, 100.00, 98.00),
    Reported("ResNet-not_retrain-2classes-64-60-0.00010000.pth", 94.49, 100.00, 95.00),
    Reported("ResNet-retrain-2classes-64-60-0.00100000.pth", 98.90, 98.96, 95.00),
    Reported("ResNet-retrain-2classes-64-60-0.00010000.pth", 97.80, 100.00, 99.00),
    Reported("BasicCNN-not_retrain-2classes-64-60-0.00100000.pth", 79.52, 98.88, 73.00),
    Reported("BasicCNN-not_retrain-2classes-64-60-0.00010000.pth", 82.60, 95.83, 74.00),
    Reported("ResNet-not_retrain-3classes-64-60-0.00100000.pth", 91.67, 84.62, 84.28),
    Reported("ResNet-not_retrain-3classes-64-60-0.00010000.pth", 89.07, 80.77, 76.73),
    Reported("ResNet-retrain-3classes-64-60-0.00100000.pth", 85.52, 83.33, 77.99),
    Reported("ResNet-retrain-3classes-64-60-0.00010000.pth", 97.27, 95.51, 82.39),
    Reported("BasicCNN-not_retrain-3classes-64-60-0.00100000.pth", 89.62, 75.00, 67.30),
    Reported("BasicCNN-not_retrain-3classes-64-60-0.00010000.pth", 78.01, 71.15, 62.89),
)
# Report B's ablation: its baseline stood at the high rate and without augmentation; each of its two remedies alone, and
# both.
ABLATION = ("baseline", "learning rate", "augmentation", "learning rate and augmentation")
# How many times the adjusted learning rate its baseline took: 0.01 to 0.005.
ABLATION_FACTOR = 2.0
REPORT_B = tuple(
    Reported(f"Report B: {name}", None, validation, None, custom)
    for name, validation, custom in zip(ABLATION, (99.87, 99.87, 99.90, 99.90), (50.0, 50.0, 100.0, 100.0), strict=True)
)
