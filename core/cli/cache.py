"""`cache`: how much disk decoded photos, cached features and networks take, and a way to clear them."""

from __future__ import annotations

from argparse import Namespace

from core.data import cache, kept


def run(args: Namespace) -> None:
    """Print where they are and how much there is of them, after clearing them where asked to. Raises OSError."""
    if args.clear:
        cache.clear()
        kept.clear()
    print(f"Decoded photos: {cache.words()}, in {cache.folder()}")
    features = f"{kept.size() / 1e6:,.0f} MB of {kept.MOST_BYTES / 1e6:,.0f} MB at most"
    print(f"Cached features and networks: {features}, in {kept.folder()}", flush=True)
