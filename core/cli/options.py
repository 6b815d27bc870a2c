"""What each command takes: options of `train` come from TrainConfig, with report A's names beside its own."""

from __future__ import annotations

import argparse
import re
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

from core.data.dataset import held_out
from core.networks.registry import DEFAULT
from core.schema import setting_words as words
from core.schema.labels import Label
from core.schema.presets import PRESETS, REPORT_A_BACKBONE
from core.schema.train_config import Mode, TrainConfig
from core.store.paths import STARTER_FILE
from core.training.sweeps import study

BRACKETS = "[](), "
# Report A's names for an option, shown beside the field's own.
_REPORT_A_NAMES = {"mode": ("resnet_retrain_mode",), "split": ("split_data",)}
_FOLDS = " Typed without --fold: trains all the folds, one after another."
_EVENTS = "The run's folder also gets event files for TensorBoard where that is installed: by `make extras`."
_STRESS_PHOTOS = 500


def add_train(parser: argparse.ArgumentParser) -> None:
    _add_settings(parser)
    parser.add_argument("--resume", metavar="RUN", help="Resume a stopped or failed run: its id or its folder.")
    parser.add_argument("--yes", action="store_true", help="Train without the photos of --version that are gone or "
                        "changed; without it, they are named and nothing is trained.")  # fmt: skip
    _add_ablation(parser)
    parser.epilog = f"{_EVENTS} {parser.epilog}"


def add_sweep(parser: argparse.ArgumentParser) -> None:
    _add_settings(parser)
    parser.add_argument("--report_a_table", action="store_true", help="Report A's table: 12 trainings (6 without "
                        f"photos of wrong_mask). --backbone {DEFAULT} puts {DEFAULT} in "
                        f"{REPORT_A_BACKBONE}'s place.")  # fmt: skip
    # What the option was called in the last release.
    parser.add_argument("--seeds_table", dest="report_a_table", action="store_true", help=argparse.SUPPRESS)
    _add_ablation(parser)
    parser.add_argument("--grid", metavar="FIELD=VALUE,VALUE", nargs="+", help="Every combination of these values, "
                        "such as learning_rate=0.001,0.0003 mode=not_retrain,retrain split=70/20/10.")  # fmt: skip
    parser.add_argument("--leave_one_source_out", action="store_true", help="Leave out each source of sources.csv in "
                        f"turn and test on it; a source needs {held_out.LEAST_PHOTOS} photos of a label.")  # fmt: skip
    parser.add_argument("--dry_run", action="store_true", help="List the trainings and how long they will take.")
    parser.add_argument("--resume", metavar="SWEEP", help="Resume a sweep that ended early: its id.")
    parser.add_argument("--list", action="store_true", help="List the sweeps there are.")
    parser.add_argument("--table", metavar="SWEEP", help="Print a sweep's table again: its id. With --custom_photos, "
                        "measure an ablation's networks on these first.")  # fmt: skip


def _add_settings(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("dataset", metavar="DATASET", nargs="?", default=argparse.SUPPRESS,
                        help=words.describe("dataset")[1])  # fmt: skip
    for name, field in TrainConfig.model_fields.items():
        if name != "dataset":
            names = [f"--{name}", *(f"--{other}" for other in _REPORT_A_NAMES.get(name, ()))]
            reader = _shares if name == "split" else str
            parser.add_argument(*names, dest=name, type=reader, default=argparse.SUPPRESS, metavar=_values(field),
                                help=_help(name) + (_FOLDS if name == "folds" else ""))  # fmt: skip
    parser.add_argument("--preset", metavar="NAME", help="Start from a preset; what you type beside it comes first. "
                        f"One of: {'; '.join(PRESETS)}.")  # fmt: skip
    parser.add_argument("--repeats", metavar="K", type=int, help="Train K times, with the seeds from --seed on, "
                        "and print the mean and the standard deviation.")  # fmt: skip


def _add_ablation(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--ablation", action="store_true", help="Train report B's four settings: baseline (--factor "
                        "times the learning rate, no augmentation), own rate, augmentation, both.")  # fmt: skip
    parser.add_argument("--factor", metavar="X", type=float, help="How many times the learning rate the ablation's "
                        f"baseline takes ({study.LEAST_FACTOR:g} to {study.MOST_FACTOR:g}; default: {study.FACTOR:g}, "
                        "as report B's).")  # fmt: skip
    parser.add_argument("--custom_photos", metavar="FOLDER", type=Path, help="Labelled photos from elsewhere, on which "
                        "the ablation's networks are measured at the end, whole and cropped to the face.")  # fmt: skip


def add_evaluate(parser: argparse.ArgumentParser) -> None:
    _add_model(parser)
    parser.add_argument("dataset", metavar="DATASET", type=Path, help=words.describe("dataset")[1])
    parser.add_argument("--mode", "--resnet_retrain_mode", choices=get_args(Mode),
                        help="How you think it was trained; the model file knows, and decides.")  # fmt: skip
    parser.add_argument("--shuffle", type=_boolean, metavar="True|False",
                        help="Accepted, without effect: the order of photos does not change the numbers.")  # fmt: skip
    parser.add_argument("--batch_size", type=int, metavar="N",
                        help="Accepted, without effect: the size of a batch does not change the numbers.")  # fmt: skip
    _add_json(parser)


def add_classify(parser: argparse.ArgumentParser) -> None:
    _add_model(parser)
    parser.add_argument("source", metavar="SOURCE", nargs="?", default="0",
                        help="A picture, a folder, a video, a stream's address, or a camera's number (default: 0).")
    _add_json(parser, "Write one JSON line per face too.")
    parser.add_argument("--out", type=Path, metavar="PATH",
                        help="Write the pictures or the video with the faces marked.")  # fmt: skip


def add_compare(parser: argparse.ArgumentParser) -> None:
    _add_runs(parser)
    _add_json(parser)


def add_report(parser: argparse.ArgumentParser) -> None:
    _add_runs(parser)
    parser.add_argument("--out", type=Path, metavar="PATH", help="The folder or the file to write the report to.")
    parser.add_argument("--photos", action="store_true", help="Show photos in it: then it holds pictures of people.")


def add_stress(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("model", metavar="MODEL_OR_RUN", help="A trained network, such as models/X.pth, or a run.")
    parser.add_argument("dataset", metavar="DATASET", nargs="?", type=Path,
                        help="Photos to degrade (default: the run's own test photos).")  # fmt: skip
    parser.add_argument("--photos", type=int, metavar="N", default=_STRESS_PHOTOS,
                        help="At most this many photos (default: %(default)s).")  # fmt: skip
    _add_json(parser)


def add_describe(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("model", metavar="MODEL_OR_RUN", help="A trained network, such as models/X.pth, or a run.")
    parser.add_argument("--layers", action="store_true", help="List every layer too.")
    _add_json(parser)


def add_doubts(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("dataset", metavar="DATASET", type=Path, help=words.describe("dataset")[1])
    _add_json(parser)


def add_health(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("dataset", metavar="DATASET", type=Path, help=words.describe("dataset")[1])
    parser.add_argument("--sources", action="store_true", help="Also find out how well sources can be told apart by "
                        "what an ImageNet network sees, which takes a while for many photos.")  # fmt: skip


def add_forget(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("dataset", metavar="DATASET", type=Path, help="The folder of photos.")
    parser.add_argument("person", metavar="PERSON", help="The name of their folder, or of their group in groups.csv.")
    parser.add_argument("--yes", action="store_true", help="Delete it; without, only what there is is said.")


def add_versions(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("dataset", metavar="DATASET", type=Path, help=words.describe("dataset")[1])
    parser.add_argument("versions", metavar="VERSION", nargs="*", help="What changed from one to the other, or to now: "
                        "a run, the beginning of a version's id, or now.")  # fmt: skip
    _add_json(parser, "Write it as JSON too, with every photo that changed.")


def add_import(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("photos", metavar="ZIP_OR_FOLDER", type=Path,
                        help="Photos in folders that are called like labels, perhaps with a folder per person below; "
                        "or photos with boxes of YOLO, Pascal VOC or COCO, or with a CSV; or videos (also a single "
                        "one) of one person each, which become four pictures a second.")  # fmt: skip
    parser.add_argument("dataset", metavar="DATASET", type=Path, help="The dataset's folder, which must be there.")
    labels = parser.add_mutually_exclusive_group()
    labels.add_argument("--label", choices=[str(label) for label in Label],
                        help="One label for all of them, instead of that of folders and boxes.")  # fmt: skip
    labels.add_argument("--inbox", metavar="MODEL", type=Path, nargs="?", const=STARTER_FILE,
                        help="None has a label yet: the faces in them wait in the dataset's inbox, each with this "
                        "network's guess (default: the starter's).")  # fmt: skip
    parser.add_argument("--person", default="", help="Who is in all of them, if it is one person.")
    parser.add_argument("--source", default="", help="Where they come from: a camera, a site, a web set.")


def add_cache(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--clear", action="store_true", help="Delete both: the next training computes them again.")


def add_export(parser: argparse.ArgumentParser) -> None:
    _add_model(parser)
    parser.add_argument("--out", type=Path, metavar="FOLDER",
                        help="Where to write X.onnx, X.xml and X.bin of a network X.pth (default: beside it). They "
                        "take resized RGB inputs as uint8 (n, S, S, 3), and return calibrated probabilities; labels, "
                        "S and the operating point are in metadata_props (ONNX) and rt_info (OpenVINO).")  # fmt: skip
    parser.add_argument("--check", action="store_true",
                        help="Instead, say whether the files that were exported before, here or in --out, hold the "
                        "model file's operating point.")
    parser.add_argument("--int8", type=Path, metavar="PHOTOS",
                        help="Instead, make the network's int8 file beside it, which is then used wherever it is the "
                        "fastest. PHOTOS is the folder that it was trained on: only photos that it has learnt from are "
                        "used, and none is kept in the file. Needs the package nncf: `make extras` installs "
                        "it.")  # fmt: skip


def _add_model(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("model", metavar="MODEL", type=Path, help="A trained network, such as models/X.pth.")


def _add_runs(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("runs", metavar="RUN", nargs="+", help="A finished run: its id or its folder.")


def _add_json(parser: argparse.ArgumentParser, text: str = "Write the numbers as JSON too.") -> None:
    parser.add_argument("--json", type=Path, metavar="FILE", help=text)


def _values(field: Any) -> str:
    if get_origin(field.annotation) is Literal:
        return "|".join(get_args(field.annotation))
    names = {bool: "True|False", int: "N", float: "X", str: "NAME"}
    return names.get(field.annotation, "X, X, X")


def _help(name: str) -> str:
    title, text = words.describe(name)
    limits, default = words.bounds(name), TrainConfig.model_fields[name].default
    span = f"{limits['ge']:g} to {limits['le']:.10g}; " if {"ge", "le"} <= limits.keys() else ""
    return f"{title}. {text} ({span}default: {default})".replace("%", "%%")


def _shares(text: str) -> list[str]:
    shares = re.split(r"[\s,]+", text.strip(BRACKETS))
    if len(shares) != 3:
        raise argparse.ArgumentTypeError(f"three shares such as 0.70 0.20 0.10 are wanted, not {text!r}")
    return shares


def _boolean(text: str) -> bool:
    if text.lower() not in ("true", "false"):
        raise argparse.ArgumentTypeError(f"True or False is wanted, not {text!r}")
    return text.lower() == "true"
