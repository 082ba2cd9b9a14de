"""Which solid each pixel sees, and how far away: rays are met only inside each solid's box on the screen."""

from dataclasses import dataclass
from math import ceil, floor

import numpy as np
from numpy.typing import NDArray

from providers.draft.arrays import Floats
from providers.draft.camera import NEAR, View
from providers.draft.solids import FAR, Solid, bounds, meet

SKY, GROUND = -1, -2

type Window = tuple[int, int, int, int]


@dataclass(frozen=True, slots=True, eq=False)
class Hits:
    """Per pixel of a band of rows: distance, the number of the solid (SKY, GROUND), and the ray."""

    t: Floats
    ident: NDArray[np.int16]
    rays: Floats
    top: int


def windows(view: View, solids: list[Solid]) -> list[Window | None]:
    """Left, right, top, bottom pixels (half open) that may show each solid; None where none does."""
    return [_window(view, solid) for solid in solids]


def _window(view: View, solid: Solid) -> Window | None:
    xs: list[float] = []
    ys: list[float] = []
    behind = 0
    spheres = bounds(solid)
    for centre, radius in spheres:
        x, y, z = view.local(centre)
        near = z - radius
        if z + radius < NEAR:
            behind += 1
            continue
        if near < NEAR:
            return (0, view.width, 0, view.height)
        for sx in (x - radius, x + radius):
            xs.extend((sx / near, sx / (z + radius)))
        for sy in (y - radius, y + radius):
            ys.extend((sy / near, sy / (z + radius)))
    if behind == len(spheres):
        return None
    if behind:
        return (0, view.width, 0, view.height)
    left = floor((min(xs) / view.tan_x + 1) / 2 * view.width) - 1
    right = ceil((max(xs) / view.tan_x + 1) / 2 * view.width) + 1
    top = floor((1 - max(ys) / view.tan_y) / 2 * view.height) - 1
    bottom = ceil((1 - min(ys) / view.tan_y) / 2 * view.height) + 1
    left, right, top, bottom = max(left, 0), min(right, view.width), max(top, 0), min(bottom, view.height)
    return (left, right, top, bottom) if left < right and top < bottom else None


def trace(view: View, solids: list[Solid], boxes: list[Window | None], top: int, bottom: int) -> Hits:
    """The nearest solid along each ray of these rows; the ground is not yet met."""
    rays = view.rays(top, bottom)
    t = np.full(rays.shape[1:], FAR, np.float32)
    ident = np.full(rays.shape[1:], SKY, np.int16)
    for number, (solid, box) in enumerate(zip(solids, boxes, strict=True)):
        if box is None or box[2] >= bottom or box[3] <= top:
            continue
        rows, columns = slice(max(box[2] - top, 0), min(box[3], bottom) - top), slice(box[0], box[1])
        found = meet(solid, view.origin, rays[:, rows, columns])
        closer = found < t[rows, columns]
        if closer.any():
            np.copyto(t[rows, columns], found, where=closer)
            ident[rows, columns][closer] = number
    return Hits(t, ident, rays, top)


def lay_ground(view: View, hits: Hits) -> None:
    """Meets the plane y = 0 wherever it is nearer than what was seen."""
    down = hits.rays[1]
    with np.errstate(divide="ignore"):
        t = np.float32(-view.origin[1]) / np.where(np.abs(down) < 1e-6, np.float32(1e-6), down)
    closer = (t > 0) & (t < hits.t) & (t < 4000)
    np.copyto(hits.t, t, where=closer)
    hits.ident[closer] = GROUND
