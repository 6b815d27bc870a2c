"""Read the command line, with report A's spellings understood.

An option may be typed with one hyphen or two, and with - or _ inside: -resnet-retrain-mode is --resnet_retrain_mode.
"""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterator, Sequence
from typing import Any, NoReturn

from core.cli import options
from core.schema import train_config as configs
from core.schema.errors import UserError
from core.schema.presets import PRESETS
from core.schema.train_config import TrainConfig
from core.store.sweeps import Kind
from core.training.sweeps.study import FACTOR, Repetition

PROGRAM = "face_mask_detector.py"
_COMMANDS = {
    "train": (options.add_train, "Train a network on a folder of photos."),
    "sweep": (options.add_sweep, "Train report A's table, an ablation, a grid, repeats, or without each source."),
    "evaluate": (options.add_evaluate, "Measure a trained network on a folder of labelled photos."),
    "classify": (options.add_classify, "Label every face in a picture, a folder, a video or a stream."),
    "compare": (options.add_compare, "Say whether the test photos tell runs apart."),
    "report": (options.add_report, "Write runs and their numbers to a page that needs nothing else."),
    "stress": (options.add_stress, "Measure a network on photos with occlusion, blur, wrong colours, low resolution."),
    "describe": (options.add_describe, "Show a network's layers by stage: shapes, parameters, what is trained."),
    "export": (options.add_export, "Write a trained network as ONNX and OpenVINO files, or make its int8 file."),
    "doubts": (options.add_doubts, "List label issues: photos whose label out-of-fold predictions contradict."),
    "health": (options.add_health, "Say what in a dataset may mislead a training, and what to do."),
    "forget": (options.add_forget, "Delete all that is kept of a person, and name the networks that learnt from them."),
    "versions": (options.add_versions, "List the versions of a dataset, and say what changed between two."),
    "import": (options.add_import, "Import photos from a ZIP or a folder into a dataset."),
    "cache": (options.add_cache, "Say how much disk decoded photos and cached features take, or clear them."),
}
_OPTION = re.compile(r"--?([A-Za-z][\w-]+)(=.*)?", re.DOTALL)
_SPLIT_OPTIONS = ("--split", "--split_data")
_NUMBERS = re.compile(r"[-+\d.][-+\d.,\se]*|", re.IGNORECASE)
# How the presets' names began in the last release.
_OLD_PRESETS = {"first seed:": "report a:", "second seed:": "report b:", "quick look": "quick"}
_SPELLING = "Options may be typed with one hyphen or two, and with - or _ inside."


class _Parser(argparse.ArgumentParser):
    """Raises UserError where argparse would print its usage and leave."""

    def error(self, message: str) -> NoReturn:
        raise UserError(f"{message[0].upper()}{message[1:]} (`{self.prog} -h` shows what is understood).")


def parse(words: Sequence[str]) -> argparse.Namespace:
    """The command and its values. Raises UserError.

    `train` has `config`, a TrainConfig (None with `resume`), and `study`: (kind, number of trainings), or None for one
    training. `sweep` has `values`, what was said of a TrainConfig, and `repetition`: (repeats or folds, how many), or
    (None, 0); both are None with `resume`, `list` and `table`. -h prints help and raises SystemExit, as argparse does.
    """
    args = _parser().parse_args(list(_join_shares(_canonical(words))))
    if args.command == "train":
        args.config = _config(args)
        args.study = _study(args)
    if args.command == "sweep":
        args.values = _base(args)
        args.repetition = _repetition(args)
    return args


def typed(args: argparse.Namespace) -> dict[str, Any]:
    """The TrainConfig fields that the user typed."""
    return {name: getattr(args, name) for name in TrainConfig.model_fields if hasattr(args, name)}


def _config(args: argparse.Namespace) -> TrainConfig | None:
    values = typed(args)
    if args.resume:
        if values or args.preset or args.repeats is not None or _of_ablation(args) or args.yes:
            raise UserError("--resume goes on with the run's own settings: type nothing else beside it.")
        return None
    _check_ablation(args)
    if "dataset" not in values:
        raise UserError(f"Type the folder with the photos: {PROGRAM} train FOLDER.")
    if args.yes and "version" not in values:
        raise UserError("--yes trains without the photos of --version that are gone or changed: type it beside that.")
    return configs.make(configs.fill_in(_preset(args.preset) | values))


def _of_ablation(args: argparse.Namespace) -> bool:
    return args.ablation or args.factor is not None or args.custom_photos is not None


def _check_ablation(args: argparse.Namespace) -> None:
    """Raises UserError for what belongs to an ablation without one; fills in its factor."""
    if _of_ablation(args) and not args.ablation:
        raise UserError("--factor and --custom_photos belong to the ablation: type --ablation beside them.")
    args.factor = FACTOR if args.factor is None else args.factor


def _study(args: argparse.Namespace) -> tuple[Kind, int] | None:
    asked: list[tuple[Kind, int]] = []
    if args.repeats is not None:
        asked.append(("repeats", args.repeats))
    if args.config and args.config.folds and "fold" not in typed(args):
        asked.append(("folds", args.config.folds))
    if args.ablation:
        asked.append(("ablation", 0))
    if len(asked) > 1:
        raise UserError("--repeats, --ablation and --folds without --fold are three experiments: type one of them.")
    return asked[0] if asked else None


def _base(args: argparse.Namespace) -> dict[str, Any] | None:
    """The settings that all rows of a sweep share, as far as they were said."""
    values = typed(args)
    sorts = [args.report_a_table, args.ablation, bool(args.grid), args.leave_one_source_out]
    alone = [args.resume, args.list, args.table]
    if any(alone):
        others = args.preset or args.dry_run or args.repeats is not None or any(sorts) or args.factor is not None
        if values or others or sum(map(bool, alone)) > 1 or (args.custom_photos and not args.table):
            raise UserError("--resume, --list and --table stand alone: type nothing else beside them.")
        return None
    _check_ablation(args)
    if "dataset" not in values:
        raise UserError(f"Type the folder with the photos before the options: {PROGRAM} sweep FOLDER.")
    if sum(sorts) > 1:
        raise UserError(
            "--report_a_table, --ablation, --grid and --leave_one_source_out are four sweeps: type one of them."
        )
    if not any(sorts) and _repetition(args) == (None, 0):
        raise UserError(
            "Say what to train: --report_a_table, --ablation, --grid, --leave_one_source_out, --repeats or --folds."
        )
    if args.leave_one_source_out and (_repetition(args) != (None, 0) or "held_out_source" in values):
        raise UserError("--leave_one_source_out trains once without each source: leave --repeats, --folds and "
                        "--held_out_source out.")  # fmt: skip
    if "fold" in values:
        raise UserError("A sweep trains all folds: leave --fold out.")
    if args.repeats is not None and "folds" in values:
        raise UserError("--repeats and --folds both repeat a training: type one of them.")
    values.pop("folds", None)
    return _preset(args.preset) | values


def _repetition(args: argparse.Namespace) -> tuple[Repetition | None, int]:
    if args.repeats is not None:
        return "repeats", args.repeats
    if folds := typed(args).get("folds"):
        try:
            return "folds", int(folds)
        except ValueError:
            raise UserError(f"folds: a whole number is wanted, not {folds!r}.") from None
    return None, 0


def _preset(name: str | None) -> dict[str, Any]:
    if name is None:
        return {}
    known = {preset.lower(): values for preset, values in PRESETS.items()}
    wanted = name.lower()
    for old, new in _OLD_PRESETS.items():
        wanted = wanted.replace(old, new)
    if wanted not in known:
        raise UserError(f"There is no preset {name!r}; choose one of {', '.join(map(repr, PRESETS))}.")
    return known[wanted]


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(PROGRAM, description="Train face-mask classifiers, measure them, and label faces.",
                     epilog=f"{PROGRAM} COMMAND -h explains a command. {_SPELLING} docs/glossary.md "
                     "explains the terms.", allow_abbrev=False)  # fmt: skip
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, (add, what) in _COMMANDS.items():
        add(commands.add_parser(name, help=what, description=what, epilog=_SPELLING, allow_abbrev=False))
    return parser


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
    bare = word.strip(options.BRACKETS)
    have = len(re.findall(r"[^\s,\[\]()]+", " ".join(taken)))
    return bool(_NUMBERS.fullmatch(bare)) and (have < 3 or not bare)
