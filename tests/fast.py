"""Which files of tests are quick, together less than a minute: `python -m tests.fast` prints their paths for
`make test-fast`."""

from __future__ import annotations

from pathlib import Path

NAMES = frozenset({
    "test_affine", "test_architecture", "test_attributes", "test_bootstrap", "test_calibration",
    "test_charts_training", "test_cli", "test_cli_console", "test_cli_keys", "test_compare_advice",
    "test_compare_shared", "test_config", "test_contention", "test_corruptions", "test_decode", "test_dependencies",
    "test_environment", "test_examples", "test_file_cache", "test_folds", "test_foreign_result",
    "test_label_decisions", "test_labels", "test_live_address", "test_markup", "test_measure", "test_metrics",
    "test_near_duplicates", "test_numbers_and_tables", "test_one_interval", "test_predictions", "test_queue",
    "test_run_folder", "test_run_notes", "test_scan", "test_sentences", "test_slices", "test_split",
    "test_staging", "test_study_charts", "test_sweep_effects", "test_sweep_plans", "test_choose_threshold",
    "test_operating_words", "test_tracker", "test_watch", "test_webhook", "test_wording",
})  # fmt: skip


def paths() -> list[Path]:
    """Where they lie."""
    return sorted(path for path in Path(__file__).parent.rglob("test_*.py") if path.stem in NAMES)


if __name__ == "__main__":
    print(*paths())
