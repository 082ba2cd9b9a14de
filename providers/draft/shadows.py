"""Soft shadows of the key: a depth picture taken from the light, asked with a penumbra that grows with distance."""

from dataclasses import dataclass
from math import tan

import numpy as np

from providers.draft.arrays import Floats, Vector, cells, unit, vector
from providers.draft.camera import View
from providers.draft.raster import trace, windows
from providers.draft.solids import FAR, Solid
from providers.draft.stage import KeyLight

TAPS = [(0.0, 0.35), (0.62, -0.18), (-0.45, -0.52), (-0.71, 0.38), (0.4, 0.8), (0.92, 0.33), (0.18, -0.93)]


@dataclass(frozen=True, slots=True, eq=False)
class ShadowMap:
    view: View
    depth: Floats
    size: float
    reach: float


def cast(key: KeyLight, solids: list[Solid], centre: Vector, radius: float, pixels: int) -> ShadowMap:
    """The light's view of the stage around `centre`; a far sun stands 160 radii away."""
    origin = key.position if key.position is not None else centre + key.toward * radius * 160
    forward = unit(centre - origin)
    side = unit(np.cross(vector(0.01, 1, 0.02), forward))
    axes = np.stack((side, np.cross(forward, side), forward))
    away = float(np.linalg.norm(centre - origin))
    half = radius / away if key.position is None else min(radius / max(away, 0.3), tan(1.15))
    view = View(origin, axes, half, half, pixels, pixels)
    hits = trace(view, solids, windows(view, solids), 0, pixels)
    return ShadowMap(view, hits.t, key.size, away)


def lit(shadow: ShadowMap, points: Floats, bias: float) -> Floats:
    """How much of the key reaches points (3, n): 0 in full shadow, 1 in full light."""
    view = shadow.view
    away = points - view.origin.astype(np.float32)[:, None]
    axes = view.axes.astype(np.float32)
    local = axes @ away
    z = np.maximum(local[2], np.float32(1e-3))
    half = np.float32(view.width / 2)
    x = (local[0] / (z * np.float32(view.tan_x)) + 1) * half
    y = (1 - local[1] / (z * np.float32(view.tan_y))) * half
    distance = np.sqrt((away * away).sum(axis=0)) - np.float32(bias)
    texel = np.float32(view.width / 2 / view.tan_x) / z
    angle = cells(x * 8, y * 8) * np.float32(2 * np.pi)
    c, s = np.cos(angle), np.sin(angle)
    spread = np.clip(_penumbra(shadow, x, y, distance, c, s, texel), 0.7, 60)
    total = np.zeros_like(x)
    for dx, dy in TAPS:
        u, v = x + (c * dx - s * dy) * spread, y + (s * dx + c * dy) * spread
        total += _depth(shadow, u, v) >= distance
    return np.asarray(total / len(TAPS), dtype=np.float32)


def _penumbra(
    shadow: ShadowMap, x: Floats, y: Floats, distance: Floats, c: Floats, s: Floats, texel: Floats
) -> Floats:
    """Texels over which the edge softens: the light's size times the way from the blocker to here."""
    search = np.clip(texel * np.float32(shadow.size * 1.2), 1, 40)
    gap, count = np.zeros_like(x), np.full_like(x, 1e-3)
    for dx, dy in ((0.0, 0.0), (0.8, 0.3), (-0.6, 0.7), (-0.2, -0.9)):
        blocker = _depth(shadow, x + (c * dx - s * dy) * search, y + (s * dx + c * dy) * search)
        hit = blocker < distance
        gap += np.where(hit, distance - blocker, 0)
        count += hit
    return np.asarray(gap / count * texel * np.float32(shadow.size), dtype=np.float32)


def _depth(shadow: ShadowMap, x: Floats, y: Floats) -> Floats:
    size = shadow.view.width
    xi, yi = x.astype(np.int32), y.astype(np.int32)
    outside = (xi < 0) | (yi < 0) | (xi >= size) | (yi >= size)
    index = np.clip(yi, 0, size - 1) * np.int32(size) + np.clip(xi, 0, size - 1)
    found = shadow.depth.ravel()[index]
    found[outside] = FAR
    return found
