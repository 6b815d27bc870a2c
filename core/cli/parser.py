"""Read the command line: options of `train` come from TrainConfig, and the seeds' spellings are understood.

An option may be typed with one hyphen or two, and with - or _ inside: -resnet-retrain-mode is --resnet_retrain_mode.
"""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Literal, NoReturn, get_args, get_origin

from core import config as configs
from core.config import PRESETS, Mode, TrainConfig
from core.errors import UserError

PROGRAM = "face_mask_detector.py"
# The seeds' names for an option, shown beside the field's own.
_SEED_NAMES = {"mode": "resnet_retrain_mode", "split": "split_data"}
_OPTION = re.compile(r"--?([A-Za-z][\w-]+)(=.*)?", re.DOTALL)
_SPLIT_OPTIONS = ("--split", "--split_data")
_NUMBERS = re.compile(r"[-+\d.][-+\d.,\se]*|", re.IGNORECASE)
_BRACKETS = "[](), "
_SPELLING = "Options may be typed with one hyphen or two, and with - or _ inside."


class _Parser(argparse.ArgumentParser):
    """Raises UserError where argparse would print its usage and leave."""

    def error(self, message: str) -> NoReturn:
        raise UserError(f"{message[0].upper()}{message[1:]} (`{self.prog} -h` shows what is understood).")


def parse(words: Sequence[str]) -> argparse.Namespace:
    """The command and its values; `train` has `config`, a TrainConfig, or `resume`. Raises UserError.

    -h prints help and raises SystemExit, as argparse does.
    """
    args = _parser().parse_args(list(_join_shares(_canonical(words))))
    if args.command == "train":
        args.config = _config(args)
    return args


def typed(args: argparse.Namespace) -> dict[str, Any]:
    """The TrainConfig fields that the user typed."""
    return {name: getattr(args, name) for name in TrainConfig.model_fields if hasattr(args, name)}


def _config(args: argparse.Namespace) -> TrainConfig | None:
    values = typed(args)
    if args.resume:
        if values or args.preset:
            raise UserError("--resume goes on with the run's own settings: type nothing else beside it.")
        return None
    if "dataset" not in values:
        raise UserError(f"Type the folder with the photos: {PROGRAM} train FOLDER.")
    return configs.make(configs.fill_in(_preset(args.preset) | values))


def _preset(name: str | None) -> dict[str, Any]:
    if name is None:
        return {}
    known = {preset.lower(): values for preset, values in PRESETS.items()}
    if name.lower() not in known:
        raise UserError(f"There is no preset {name!r}; choose one of {', '.join(map(repr, PRESETS))}.")
    return known[name.lower()]


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(PROGRAM, description="Train face-mask classifiers, measure them, and label faces.",
                     epilog=f"{PROGRAM} COMMAND -h explains a command. {_SPELLING}", allow_abbrev=False)  # fmt: skip
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    _add_train(_command(commands, "train", "Train a network on a folder of photos."))
    _add_evaluate(_command(commands, "evaluate", "Measure a trained network on a folder of labelled photos."))
    _add_classify(_command(commands, "classify", "Label every face in a picture, a folder, a video or a stream."))
    return parser


def _command(commands: argparse._SubParsersAction, name: str, what: str) -> argparse.ArgumentParser:
    return commands.add_parser(name, help=what, description=what, epilog=_SPELLING, allow_abbrev=False)


def _add_train(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("dataset", metavar="DATASET", nargs="?", default=argparse.SUPPRESS,
                        help=configs.describe("dataset")[1])  # fmt: skip
    for name, field in TrainConfig.model_fields.items():
        if name != "dataset":
            names = [f"--{name}", *(f"--{seed}" for key, seed in _SEED_NAMES.items() if key == name)]
            reader = _shares if name == "split" else str
            parser.add_argument(*names, dest=name, type=reader, default=argparse.SUPPRESS, metavar=_values(field),
                                help=_help(name))  # fmt: skip
    parser.add_argument("--preset", metavar="NAME", help="Start from a preset; what you type beside it comes first. "
                        f"One of: {'; '.join(PRESETS)}.")  # fmt: skip
    parser.add_argument("--resume", metavar="RUN", help="Go on with a stopped or failed run: its id or its folder.")


def _add_evaluate(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("model", metavar="MODEL", type=Path, help="A trained network, such as models/X.pth.")
    parser.add_argument("dataset", metavar="DATASET", type=Path, help=configs.describe("dataset")[1])
    parser.add_argument("--mode", "--resnet_retrain_mode", choices=get_args(Mode),
                        help="How you think it was trained; the model file knows, and decides.")  # fmt: skip
    parser.add_argument("--shuffle", type=_boolean, metavar="True|False",
                        help="Accepted, without effect: the order of photos does not change the numbers.")  # fmt: skip
    parser.add_argument("--batch_size", type=int, metavar="N",
                        help="Accepted, without effect: the size of a batch does not change the numbers.")  # fmt: skip
    parser.add_argument("--json", type=Path, metavar="FILE", help="Write the numbers as JSON too.")


def _add_classify(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("model", metavar="MODEL", type=Path, help="A trained network, such as models/X.pth.")
    parser.add_argument("source", metavar="SOURCE", nargs="?", default="0",
                        help="A picture, a folder, a video, a stream's address, or a camera's number (default: 0).")
    parser.add_argument("--json", type=Path, metavar="FILE", help="Write one JSON line a face too.")
    parser.add_argument("--out", type=Path, metavar="PATH",
                        help="Write the pictures or the video with the faces marked.")  # fmt: skip


def _values(field: Any) -> str:
    if get_origin(field.annotation) is Literal:
        return "|".join(get_args(field.annotation))
    names = {bool: "True|False", int: "N", float: "X", str: "NAME"}
    return names.get(field.annotation, "X, X, X")


def _help(name: str) -> str:
    title, text = configs.describe(name)
    limits, default = configs.bounds(name), TrainConfig.model_fields[name].default
    span = f"{limits['ge']:g} to {limits['le']:.10g}; " if {"ge", "le"} <= limits.keys() else ""
    return f"{title}. {text} ({span}default: {default})".replace("%", "%%")


def _shares(text: str) -> list[str]:
    shares = re.split(r"[\s,]+", text.strip(_BRACKETS))
    if len(shares) != 3:
        raise argparse.ArgumentTypeError(f"three shares such as 0.70 0.20 0.10 are wanted, not {text!r}")
    return shares


def _boolean(text: str) -> bool:
    if text.lower() not in ("true", "false"):
        raise argparse.ArgumentTypeError(f"True or False is wanted, not {text!r}")
    return text.lower() == "true"


def _canonical(words: Sequence[str]) -> Iterator[str]:
    for word in words:
        match = _OPTION.fullmatch(word)
        yield f"--{match[1].replace('-', '_')}{match[2] or ''}" if match else word


def _join_shares(words: Iterator[str]) -> Iterator[str]:
    """The shell cuts `--split_data [0.70, 0.20, 0.10]` into words: make one of them again, and take no word more."""
    waiting = list(words)
    while waiting:
        word = waiting.pop(0)
        option, equals, first = word.partition("=")
        if option not in _SPLIT_OPTIONS:
            yield word
            continue
        taken = [first] if equals else []
        while waiting and _belongs(waiting[0], taken):
            taken.append(waiting.pop(0))
        yield f"{option}={' '.join(taken)}" if taken else option


def _belongs(word: str, taken: list[str]) -> bool:
    bare = word.strip(_BRACKETS)
    have = len(re.findall(r"[^\s,\[\]()]+", " ".join(taken)))
    return bool(_NUMBERS.fullmatch(bare)) and (have < 3 or not bare)
