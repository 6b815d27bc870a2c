"""`compare`: say whether the test photos that runs share tell them apart, and what training on wrong_mask gains."""

from __future__ import annotations

import json
from argparse import Namespace
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from statistics import fmean
from typing import Any

from core.cli import run_names
from core.cli.terminal import source_table
from core.cli.terminal.console import LiveLine, check_writable
from core.evaluation.by_source import paired
from core.evaluation.by_source.paired import BySource
from core.evaluation.compare import ablation, answer_cache, repeats, two_runs, under_stress, wrong_mask_training
from core.evaluation.compare import entries as compare
from core.evaluation.compare.ablation import Ablation
from core.evaluation.compare.entries import Row
from core.evaluation.compare.paired import Paired
from core.evaluation.compare.repeats import Entry
from core.evaluation.compare.two_runs import Versus
from core.evaluation.compare.under_stress import Stressed
from core.evaluation.compare.wrong_mask_training import Answer
from core.evaluation.versions import added_since
from core.evaluation.versions.added_since import Added
from core.evaluation.wording import advice, version_words
from core.schema.errors import UserError
from core.store.runs import finished_report
from core.text.numbers import span
from core.text.tables import markdown


def run(args: Namespace) -> None:
    """Print sentences and tables and write them to --json; the first run is the reference.

    Raises UserError for what the user must put right.
    """
    line = LiveLine()
    check_writable(args.json)
    # A run that is named twice counts once.
    chosen = list(dict.fromkeys(run_names.finished(name) for name in args.runs))
    entries = repeats.entries(chosen)
    line.show("Comparing on the same photos")
    found = two_runs.against(entries[0], entries[1:]) if len(entries) > 1 else []
    comparable = [entry for entry, one in zip(entries[1:], found, strict=True) if one.paired]
    stressed = under_stress.against(entries[0], comparable)
    answer = _ask(entries, line) if comparable else None
    added = _added(entries, line)
    sourced = paired.against(entries[0], comparable)
    line.clear()
    rows, ablations = compare.table(entries), ablation.find(chosen)
    print("\n\n".join(_texts(entries, found, stressed, rows, answer, ablations, added, sourced)), flush=True)
    if args.json:
        _write(args.json, _numbers(found, stressed, rows, answer, ablations, added, sourced))


def _ask(entries: Sequence[Entry], line: LiveLine) -> Answer | None:
    """The wrong_mask question, where one entry has two classes and one has three."""
    two, three = ([entry for entry in entries if len(finished_report(entry.runs[0]).labels) == n] for n in (2, 3))
    if not two or not three:
        return None
    if len(two) + len(three) > 2:
        line.say("With and without wrong_mask: name one run of two classes and one of three to see what it gains.")
        return None
    try:
        return wrong_mask_training.ask(
            two[0], three[0], partial(answer_cache.of, progress=lambda *count: line.count("Classifying", *count))
        )
    except UserError as error:
        line.say(f"With and without wrong_mask: {error}")
        return None


def _added(entries: Sequence[Entry], line: LiveLine) -> list[Added]:
    """The first entry against each other one on the photos added since, where they were given different versions."""
    found, said = [], partial(answer_cache.of, progress=lambda *count: line.count("Classifying", *count))
    for other in entries[1:]:
        if added_since.differ(entries[0], other):
            try:
                found.append(added_since.compare(entries[0], other, said))
            except UserError as error:
                line.say(f"On the photos added since: {error}")
    return found


def _texts(
    entries: Sequence[Entry], found: Sequence[Versus], stressed: Sequence[Stressed], rows: Sequence[Row],
    answer: Answer | None, ablations: Sequence[Ablation], added: Sequence[Added], sourced: Sequence[BySource],
) -> list[str]:  # fmt: skip
    texts = ["\n".join([*(entry.title for entry in entries), version_words.of_entries(entries)])]
    if found:
        texts.append("\n".join([one.sentence for one in found] + [one.sentence for one in stressed]))
    if added:
        texts.append("\n".join(one.sentence for one in added))
    if answer:
        texts.append("With and without wrong_mask\n" + "\n".join(advice.sentences(answer).values()))
    texts.append(_accuracies(rows))
    if any(one.paired for one in found):
        texts.append(_differences(found))
    texts += map(source_table.versus, sourced)
    return texts + [_ablation(own) for own in ablations]


def _accuracies(rows: Sequence[Row]) -> str:
    header = (
        "entry", "model", "training acc.", "validation acc.", "test acc.", "interval or spread", "balanced acc.",
        "miss rate", "false-alarm rate", "test photos", "under stress",
    )  # fmt: skip
    return markdown(header, [_row(row) for row in rows])


def _row(row: Row) -> list[str]:
    means = {name: row.mean(name) for name in row.points}
    shares = {name: "-" if own is None else f"{100 * own:.2f}" for name, own in means.items()}
    stress = f"{100 * fmean(row.under_stress):.2f}" if row.under_stress else "-"
    spread = span(row.interval, 2) if row.interval else f"± {100 * (row.deviation('test') or 0):.2f}"
    return [
        row.entry.letter, row.models[0].removesuffix(".pth") if len(row.models) == 1 else row.entry.name,
        shares["training"], shares["validation"], shares["test"], spread, shares["balanced"], shares["miss_rate"],
        shares["false_alarm_rate"], str(row.tested), stress,
    ]  # fmt: skip


def _differences(found: Sequence[Versus]) -> str:
    header = (
        f"against {found[0].reference}", "shared photos", "accuracy (points)", "95 % interval", "balanced (points)",
        "95 % interval", "only it correct", "only reference correct", "p", "Holm p",
    )  # fmt: skip
    return markdown(header, [_versus(one, one.paired) for one in found if one.paired])


def _versus(one: Versus, found: Paired) -> list[str]:
    accuracy, balanced = found.accuracy, found.balanced_accuracy
    return [
        one.other, str(one.photos), f"{100 * accuracy.difference:+.2f}", span((accuracy.low, accuracy.high), 2),
        f"{100 * balanced.difference:+.2f}", span((balanced.low, balanced.high), 2), str(found.only_b_right),
        str(found.only_a_right), f"{found.p_value:.3g}", f"{one.p_holm:.3g}",
    ]  # fmt: skip


def _ablation(own: Ablation) -> str:
    header = ("ablation", "validation acc.", "test acc.", "95 % interval", "test photos")
    return markdown(
        header,
        [
            [row["setting"], f"{100 * row['validation']:.2f}", f"{100 * row['test']:.2f}",
             span(row["test_interval"], 2), str(row["tested"])]
            for row in own.as_rows()
        ],
    )  # fmt: skip


def _numbers(
    found: Sequence[Versus], stressed: Sequence[Stressed], rows: Sequence[Row], answer: Answer | None,
    ablations: Sequence[Ablation], added: Sequence[Added], sourced: Sequence[BySource],
) -> dict[str, Any]:  # fmt: skip
    told = answer and answer.as_dict() | advice.sentences(answer) | {"verdict": advice.verdict(answer)}
    return {
        "table": [row.as_dict() for row in rows],
        "reference": rows[0].entry.letter,
        "compared": [one.as_dict() for one in found],
        "added_since": [one.as_dict() for one in added],
        "by_source": [one.as_dict() for one in sourced],
        "under_stress": [one.as_dict() for one in stressed],
        "wrong_mask": told,
        "ablations": [own.as_rows() for own in ablations],
    }


def _write(path: Path, numbers: dict[str, Any]) -> None:
    try:
        path.write_text(json.dumps(numbers, indent=1) + "\n", encoding="utf-8")
    except OSError as error:
        raise UserError(f"{path} can't be written ({error.strerror}): choose another path.") from None
