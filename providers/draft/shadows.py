"""Soft shadows of the key: a depth picture from the light, penumbras that grow with distance."""

from dataclasses import dataclass
from math import tan

import numpy as np

from providers.draft.arrays import Floats, Vector, cells, square, unit, vector
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
    outside: np.float32


def cast(
    key: KeyLight, solids: list[Solid], centre: Vector, radius: float, pixels: int, walled: bool
) -> ShadowMap:
    """The light's view of the stage around `centre`; a far sun stands 160 radii away.

    What lies outside of the map is lit in the open, and dark behind walls.
    """
    origin = key.position if key.position is not None else centre + key.toward * radius * 160
    forward = unit(centre - origin)
    side = unit(np.cross(vector(0.01, 1, 0.02), forward))
    axes = np.stack((side, np.cross(forward, side), forward))
    away = float(np.linalg.norm(centre - origin))
    half = radius / away if key.position is None else min(radius / max(away, 0.3), tan(1.15))
    view = View(origin, axes, half, half, pixels, pixels)
    hits = trace(view, solids, windows(view, solids), 0, pixels)
    return ShadowMap(view, hits.t, key.size, np.float32(0) if walled else FAR)


def lit(shadow: ShadowMap, points: Floats, normals: Floats, bias: float) -> Floats:
    """How much of the key reaches points (3, n): 0 in full shadow, 1 in full light."""
    view = shadow.view
    x, y, distance, z = _project(view, points)
    texel = np.float32(view.width / 2 / view.tan_x) / z
    slope_x, slope_y = _slopes(view, normals)
    angle = cells(x * 8, y * 8) * np.float32(2 * np.pi)
    c, s = np.cos(angle), np.sin(angle)
    lean = np.abs(slope_x) + np.abs(slope_y)
    distance -= np.float32(bias) + np.minimum(lean, 4) / texel
    spread = np.clip(_penumbra(shadow, x, y, distance, c, s, texel, lean), 0.6, 48)
    total = np.zeros_like(x)
    for dx, dy in TAPS:
        ox, oy = (c * dx - s * dy) * spread, (s * dx + c * dy) * spread
        plane = distance + (ox * slope_x - oy * slope_y) / texel
        total += _depth(shadow, (x + ox).astype(np.float32), (y + oy).astype(np.float32)) >= plane
    return np.asarray(total / len(TAPS), dtype=np.float32)


def _project(view: View, points: Floats) -> tuple[Floats, Floats, Floats, Floats]:
    """Column, row, distance and depth of points in the light's picture."""
    away = points - view.origin.astype(np.float32)[:, None]
    local = view.axes.astype(np.float32) @ away
    z = np.maximum(local[2], np.float32(1e-3))
    half = np.float32(view.width / 2)
    x = np.clip((local[0] / (z * np.float32(view.tan_x)) + 1) * half, -1e6, 1e6)
    y = np.clip((1 - local[1] / (z * np.float32(view.tan_y))) * half, -1e6, 1e6)
    return x, y, np.sqrt(square(away)), z


def _slopes(view: View, normals: Floats) -> tuple[Floats, Floats]:
    """How fast the receiving plane falls away along the light picture's right and up."""
    right, up, forward = view.axes.astype(np.float32) @ normals
    toward = np.minimum(forward, np.float32(-0.08))
    return np.clip(-right / toward, -9, 9), np.clip(-up / toward, -9, 9)


def _penumbra(
    shadow: ShadowMap,
    x: Floats,
    y: Floats,
    distance: Floats,
    c: Floats,
    s: Floats,
    texel: Floats,
    lean: Floats,
) -> Floats:
    """Texels over which the edge softens: the light's size times the way from the blocker to here."""
    search = np.clip(texel * np.float32(shadow.size * 1.2), 1, 40)
    floor = distance - lean * search / texel
    gap, count = np.zeros_like(x), np.full_like(x, 1e-3)
    for dx, dy in ((0.0, 0.0), (0.8, 0.3), (-0.6, 0.7), (-0.2, -0.9)):
        blocker = _depth(shadow, x + (c * dx - s * dy) * search, y + (s * dx + c * dy) * search)
        hit = blocker < floor
        gap += np.where(hit, distance - blocker, 0)
        count += hit
    return np.asarray(gap / count * texel * np.float32(shadow.size), dtype=np.float32)


def reaches(shadow: ShadowMap, points: Floats) -> Floats:
    """Like `lit`, in one look and without softness: for light that hangs in the air."""
    x, y, distance, _ = _project(shadow.view, points)
    return (_depth(shadow, x, y) >= distance).astype(np.float32)


def _depth(shadow: ShadowMap, x: Floats, y: Floats) -> Floats:
    size = shadow.view.width
    xi, yi = x.astype(np.int32), y.astype(np.int32)
    outside = (xi < 0) | (yi < 0) | (xi >= size) | (yi >= size)
    index = np.clip(yi, 0, size - 1) * np.int32(size) + np.clip(xi, 0, size - 1)
    found: Floats = shadow.depth.ravel()[index]
    found[outside] = shadow.outside
    return found
