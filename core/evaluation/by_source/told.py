"""Where a run's photos came from."""

from __future__ import annotations

from contextlib import suppress

from core.data.collect import sources
from core.data.dataset.versions import manifest
from core.schema.errors import UserError
from core.store.runs import Run


def of_run(run: Run) -> dict[str, str]:
    """File -> source of those that have one: as the run was given them, or, where they had none then, as sources.csv
    says now. What can't be read says nothing."""
    with suppress(UserError):
        version = manifest.read(run.version_file)
        if found := {entry.file: entry.source for entry in version.entries if entry.source} if version else {}:
            return found
    with suppress(UserError):
        return sources.read(run.config.folder)
    return {}
