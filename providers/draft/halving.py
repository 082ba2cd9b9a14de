"""Shading every second pixel of a very large picture, with every outline still at native pixels."""

import numpy as np

from providers.draft.arrays import Floats, Mask
from providers.draft.raster import Hits


def every_second(hits: Hits) -> Hits:
    """Every second row and column; the band must begin on an even row."""
    return Hits(
        np.ascontiguousarray(hits.t[::2, ::2]),
        np.ascontiguousarray(hits.ident[::2, ::2]),
        np.ascontiguousarray(hits.rays[:, ::2, ::2]),
        hits.top // 2,
    )


def fill_in(light: Floats, hits: Hits) -> Floats:
    """The light (3, …) of every second pixel spread to all, never across the outline of a solid."""
    out = np.repeat(np.repeat(light, 2, axis=1), 2, axis=2)[:, : hits.t.shape[0], : hits.t.shape[1]]
    out = np.ascontiguousarray(out)
    _between(out, hits, axis=2)
    _between(out, hits, axis=1)
    return out


def _between(out: Floats, hits: Hits, axis: int) -> None:
    """Odd columns (or rows) become the mean of their two neighbours where all three see the same solid."""
    ident = hits.ident if axis == 2 else hits.ident.T
    picture = out if axis == 2 else out.swapaxes(1, 2)
    before, own, after = ident[:, :-2:2], ident[:, 1:-1:2], ident[:, 2::2]
    left, right = picture[:, :, :-2:2], picture[:, :, 2::2]
    count = own.shape[1]
    before, after = before[:, :count], after[:, :count]
    left, right = left[:, :, :count], right[:, :, :count]
    same_left, same_right = before == own, after == own
    middle = picture[:, :, 1:-1:2]
    np.copyto(middle, (left + right) * np.float32(0.5), where=same_left & same_right)
    only_right: Mask = same_right & ~same_left
    np.copyto(middle, right, where=only_right)
