"""`cache`: how much disk decoded photos, cached features and networks take, and a way to clear them."""

from __future__ import annotations

from argparse import Namespace

from core.data.cache import network_outputs, resized_images


def run(args: Namespace) -> None:
    """Print where they are and how much there is of them, after clearing them where asked to. Raises OSError."""
    if args.clear:
        resized_images.clear()
        network_outputs.clear()
    print(f"Decoded photos: {resized_images.words()}, in {resized_images.folder()}")
    features = f"{network_outputs.size() / 1e6:,.0f} MB of {network_outputs.MOST_BYTES / 1e6:,.0f} MB at most"
    print(f"Cached features and networks: {features}, in {network_outputs.folder()}", flush=True)
