"""Which solid each pixel sees, and how far away: rays are met only inside each solid's box on the screen."""

from dataclasses import dataclass
from math import ceil, floor

import numpy as np
from numpy.typing import NDArray

from providers.draft.arrays import Floats
from providers.draft.camera import NEAR, View
from providers.draft.solids import FAR, Box, Solid, bounds, inverse, meet, meet_slabs

SKY, GROUND, WATER = -1, -2, -3
WATER_LEVEL = -0.35
EDGES = [(i, i | bit) for i in range(8) for bit in (1, 2, 4) if not i & bit]

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
    if isinstance(solid, Box):
        return _frame(view, *_box_slopes(view, solid))
    spheres = [(view.local(centre), radius) for centre, radius in bounds(solid)]
    if all(p[2] + radius < NEAR for p, radius in spheres):
        return None
    if any(p[2] - radius < NEAR for p, radius in spheres):
        return (0, view.width, 0, view.height)
    depths = [(p, radius, depth) for p, radius in spheres for depth in (p[2] - radius, p[2] + radius)]
    xs = [(p[0] + side * radius) / depth for p, radius, depth in depths for side in (-1, 1)]
    ys = [(p[1] + side * radius) / depth for p, radius, depth in depths for side in (-1, 1)]
    return _frame(view, xs, ys)


def _box_slopes(view: View, box: Box) -> tuple[list[float], list[float]]:
    """Slopes of the corners in front of the camera, and of the places where edges pass its plane."""
    corners = [view.local(centre) for centre, _ in bounds(box)]
    seen = [p for p in corners if p[2] >= NEAR]
    for i, j in EDGES:
        a, b = corners[i], corners[j]
        if (a[2] < NEAR) != (b[2] < NEAR):
            seen.append(a + (b - a) * ((NEAR - a[2]) / (b[2] - a[2])))
    return [float(p[0] / p[2]) for p in seen], [float(p[1] / p[2]) for p in seen]


def _frame(view: View, xs: list[float], ys: list[float]) -> Window | None:
    """Pixels between the smallest and largest slopes, one to spare."""
    if not xs:
        return None
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
    inverses = [inverse(d) for d in rays]
    for number, (solid, box) in enumerate(zip(solids, boxes, strict=True)):
        if box is None or box[2] >= bottom or box[3] <= top:
            continue
        rows, columns = slice(max(box[2] - top, 0), min(box[3], bottom) - top), slice(box[0], box[1])
        if isinstance(solid, Box) and not solid.yaw:
            found = meet_slabs(view.origin - solid.centre, solid.half, [d[rows, columns] for d in inverses])
        else:
            found = meet(solid, view.origin, rays[:, rows, columns])
        closer = found < t[rows, columns]
        if closer.any():
            np.copyto(t[rows, columns], found, where=closer)
            ident[rows, columns][closer] = number
    return Hits(t, ident, rays, top)


def lay_plane(view: View, hits: Hits, level: float, ident: int) -> None:
    """Meets the plane y = level wherever it is nearer than what was seen."""
    down = hits.rays[1]
    t = np.float32(level - view.origin[1]) / np.where(np.abs(down) < 1e-6, np.float32(1e-6), down)
    closer = (t > 0) & (t < hits.t) & (t < 12000)
    np.copyto(hits.t, t, where=closer)
    hits.ident[closer] = ident
