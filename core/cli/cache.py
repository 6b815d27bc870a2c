"""`cache`: how much disk the decoded photos take, and a way to clear them."""

from __future__ import annotations

from argparse import Namespace

from core.data import cache


def run(args: Namespace) -> None:
    """Print where they are and how much there is of them, after clearing them where asked to. Raises OSError."""
    if args.clear:
        cache.clear()
    print(f"Decoded photos: {cache.words()}, in {cache.folder()}", flush=True)
