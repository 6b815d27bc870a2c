"""How much disk the packages of a lock file take in this environment, or those of them that another file lacks.

    python -m benchmarks.package_sizes requirements-extras.lock requirements.lock
"""

from __future__ import annotations

import re
import sys
from importlib import metadata
from pathlib import Path

_PIN = re.compile(r"^([A-Za-z0-9._-]+)==", re.MULTILINE)


def packages(lock: Path) -> set[str]:
    """The names that a lock file pins."""
    return set(_PIN.findall(lock.read_text(encoding="utf-8")))


def megabytes(package: str) -> float | None:
    """What a package's files take, compiled ones too; None where it is not installed."""
    try:
        files = metadata.files(package) or []
    except metadata.PackageNotFoundError:
        return None
    places = {Path(str(file.locate())) for file in files}
    # What uv compiles is in no list.
    places |= {made for place in places if place.suffix == ".py" for made in _compiled(place)}
    return sum(place.stat().st_size for place in places if place.is_file()) / 1e6


def _compiled(source: Path) -> list[Path]:
    return list((source.parent / "__pycache__").glob(f"{source.stem}.cpython-*.pyc"))


def main() -> None:
    more, *less = (packages(Path(name)) for name in sys.argv[1:])
    sizes = {package: megabytes(package) for package in more.difference(*less)}
    for package, size in sorted(sizes.items(), key=lambda item: -(item[1] or 0)):
        print(f"{package:28} {'not installed' if size is None else f'{size:7.1f} MB'}")
    known = [size for size in sizes.values() if size is not None]
    print(f"{len(sizes)} packages{sum(known):26.1f} MB")


if __name__ == "__main__":
    main()
