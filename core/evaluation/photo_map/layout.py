"""Features laid out on a plane: principal components, then t-SNE (van der Maaten and Hinton, JMLR 2008), with
Barnes-Hut."""

from __future__ import annotations

import io
import re
import warnings
from collections.abc import Callable
from contextlib import redirect_stdout

import numpy as np
from threadpoolctl import threadpool_limits

_COMPONENTS, _PERPLEXITY, _ROUNDS = 50, 30, 1000
# The sum over two threads is the same in either order, so that the same photos give the same map; over more it is not.
_THREADS = 2
_SAID = re.compile(r"Iteration (\d+)")


def lay_out(vectors: np.ndarray, progress: Callable[[int, int], object]) -> np.ndarray:
    """Places (n, 2), float32 in 0..1 with the longer side filled, of n photos with features (n, d), n at least 10: the
    same for the same features. `progress` counts rounds of all rounds, and may end the work by raising."""
    from sklearn.decomposition import PCA
    from sklearn.manifold import TSNE

    vectors = vectors.astype(np.float32)
    with threadpool_limits(_THREADS), warnings.catch_warnings(), redirect_stdout(_Rounds(progress)):
        # Photos that are all the same have no variance.
        warnings.simplefilter("ignore", RuntimeWarning)
        parts = PCA(min(_COMPONENTS, *vectors.shape), svd_solver="randomized", random_state=0).fit_transform(vectors)
        places = TSNE(
            perplexity=min(_PERPLEXITY, (len(vectors) - 1) / 3), init="random" if parts.std() == 0 else "pca",
            max_iter=_ROUNDS, random_state=0, verbose=2,
        ).fit_transform(parts)  # fmt: skip
    places = places - places.min(axis=0)
    widest = float(places.max()) or 1.0
    return (places / widest + (1 - places.max(axis=0) / widest) / 2).astype(np.float32)


class _Rounds(io.TextIOBase):
    """Hears from what t-SNE prints how far it is: it has no other word for that."""

    def __init__(self, progress: Callable[[int, int], object]) -> None:
        self._progress = progress

    def write(self, text: str) -> int:
        if said := _SAID.search(text):
            self._progress(int(said[1]), _ROUNDS)
        return len(text)
