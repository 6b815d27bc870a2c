"""report.json, the final numbers of a run, which its model file holds too: its shape, how it is read and written."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

from pydantic import AfterValidator, Field, ValidationError

from core.schema.errors import UserError
from core.schema.labels import Label
from core.schema.result import ChosenPoint, Count, Frozen, Loss, Result, Share, Temperature
from core.store.files.atomic import write_whole
from core.store.files.checked_json import seal, unseal

# Raised when a key changes its meaning or goes; a new key with a default needs no other version. A report without a
# version is of the last release, which wrote the same.
VERSION = 1
_AGAIN = "put a copy of it back, or train the run again"


class NewerReport(ValueError):
    """A report of a version that this Mask Lab does not know."""


class PartCounts(Frozen):
    """Photos in each part of the split."""

    train: Count
    val: Count
    test: Count


class Moved(Frozen):
    """What moved from validation and test to training because the starting network had seen something of its group."""

    photos: Count = 0
    groups: Count = 0


class PhotosVersion(Frozen):
    """The version of the dataset that a run was given: its id, how many photos that were not excluded it has, and when
    (ISO 8601) it was first seen."""

    id: str
    photos: Count
    when: str


class Commit(Frozen):
    """Mask Lab's commit; `dirty` where its files differed from it."""

    hash: str
    dirty: bool


class Facts(Frozen):
    """What a number was made with: `when` (ISO 8601), versions, commit (None where Mask Lab was not run from a git
    checkout) and machine. `cores` are physical, `threads` logical ones; `memory` is in bytes; `gpus` are names."""

    when: str
    python: str
    packages: dict[str, str]
    commit: Commit | None
    os: str
    cpu: str
    cores: Count | None
    threads: Count | None
    memory: Count
    gpus: tuple[str, ...]


def _with_photos(result: Result) -> Result:
    if not result.n:
        raise ValueError("a result of no photos")
    return result


Part = Annotated[Result, AfterValidator(_with_photos)]


class RunReport(Frozen):
    """All final numbers of a run.

    `photos` are those used, `refused` the number of files left out; `version` is None of a run of an older release.
    `best_epoch`, the kept one, and `epochs` count from 1. Training accuracy is counted while training
    (`train_accuracy_training_mode`) and measured as validation and test are (`train_accuracy`, `train_loss`).
    `temperature` and `operating_point` were chosen on validation photos; `automatic_point` is what training chose where
    another was set by hand since. `model` is the name of the file in models/. `seconds` are those that the run has
    worked, without its time in the queue.
    """

    schema_version: Annotated[int, Field(strict=True, ge=1, le=VERSION)] = VERSION
    run: str
    labels: Annotated[tuple[Label, ...], Field(min_length=2, max_length=len(Label))]
    photos: PartCounts
    version: PhotosVersion | None = None
    moved_to_training: Moved = Moved()
    refused: Count
    best_epoch: Count
    epochs: Count
    train_accuracy_training_mode: Share
    train_accuracy: Share
    train_loss: Loss
    temperature: Temperature
    operating_point: ChosenPoint
    automatic_point: ChosenPoint | None = None
    val: Part
    test: Part
    trainable_parameters: Count
    parameters: Count
    model: str
    seconds: Annotated[float, Field(strict=True, ge=0, allow_inf_nan=False)]
    facts: Facts


def parse(content: Mapping[str, Any]) -> RunReport:
    """The report in a JSON object. Raises NewerReport, and ValueError (pydantic's ValidationError) for one that is no
    report."""
    version = content.get("schema_version", VERSION)
    if isinstance(version, int) and version > VERSION:
        raise NewerReport(f"version {version}, and this one reads up to {VERSION}")
    return RunReport.model_validate(content)


def read(path: Path, run: str) -> RunReport:
    """The report in a run's report.json. Raises FileNotFoundError where there is none, and UserError, in one sentence,
    for a damaged or foreign one and for one of a newer Mask Lab."""
    name = f"{path.name} of {run}"
    try:
        return parse(unseal(path.read_text(encoding="utf-8")))
    except FileNotFoundError:
        raise
    except NewerReport as error:
        raise UserError(f"{name} was written by a newer Mask Lab ({error}): update Mask Lab to open it.") from None
    except ValidationError as error:
        raise UserError(f"{name} is not a report of a run ({_first(error)}): {_AGAIN}.") from None
    except (OSError, ValueError):
        raise UserError(f"{name} is damaged: {_AGAIN}.") from None


def as_json(report: RunReport) -> dict[str, Any]:
    """The report as a JSON object, for a model file."""
    return report.model_dump(mode="json")


def write(report: RunReport, path: Path) -> None:
    """Write report.json, whole or not at all. Raises OSError, as on a full disk."""
    write_whole(path, seal(as_json(report), indent=1))


def _first(error: ValidationError) -> str:
    """Where the first thing that is wrong stands, and what is wrong with it."""
    first = error.errors(include_url=False, include_input=False, include_context=False)[0]
    return f"{'.'.join(map(str, first['loc'])) or 'the whole'}: {first['msg']}"
