"""Hills that really stand in space: a height field seen through a polar table around the camera."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from providers.draft.arrays import Floats, Vector, noise, sample, smoothstep
from providers.draft.camera import View
from providers.draft.raster import GROUND, SKY, Hits

RINGS = 420
FLAT = 5.0
LOWEST, HIGHEST = np.radians(-89.0), np.radians(60.0)


@dataclass(frozen=True, slots=True)
class Relief:
    """`kind` picks the shape; the strip between camera and subject, `back` metres long, stays flat."""

    kind: str
    salt: int
    back: float

    def height(self, x: Floats, z: Floats) -> Floats:
        """Metres above the ground under the subject."""
        behind = np.clip(z, -np.float32(self.back), 0)
        away = np.sqrt(x * x + (z - behind) ** 2)
        return np.asarray(SHAPES[self.kind](x, z, away, self.salt), dtype=np.float32)


def _dunes(x: Floats, z: Floats, away: Floats, salt: int) -> Floats:
    bend = sample(noise(41 + salt, 1.6), x * np.float32(0.0016), z * np.float32(0.0016)) - np.float32(0.5)
    phase = (z * np.float32(0.0115) + x * np.float32(0.0035) + bend * 5 + np.float32(salt * 0.37)) % 1
    crest = np.where(phase < 0.72, phase / 0.72, (1 - phase) / 0.28)
    size = sample(noise(43 + salt, 1.5), x * np.float32(0.002), z * np.float32(0.002))
    tall = np.float32(4.0) + np.clip(away, 0, 900) * np.float32(0.022)
    dune = crest**1.6 * tall * (0.25 + 1.3 * size) + bend * np.clip(away, 0, 600) * np.float32(0.05)
    return np.asarray((dune - 0.4) * smoothstep(FLAT, 60, away), dtype=np.float32)


def _snow(x: Floats, z: Floats, away: Floats, salt: int) -> Floats:
    rolling = sample(noise(47 + salt, 1.7), x * np.float32(0.004), z * np.float32(0.004)) - np.float32(0.42)
    near = rolling * 9 * smoothstep(FLAT, 70, away)
    return np.asarray(near + _peaks(x, z, away, salt, 0.42, 700, 3200), dtype=np.float32)


def _mountains(x: Floats, z: Floats, away: Floats, salt: int) -> Floats:
    rolling = sample(noise(47 + salt, 1.5), x * np.float32(0.006), z * np.float32(0.006)) - np.float32(0.5)
    near = rolling * 22 * smoothstep(FLAT, 90, away)
    return np.asarray(near + _peaks(x, z, away, salt, 1.0, 150, 2400), dtype=np.float32)


def _sea(x: Floats, z: Floats, away: Floats, salt: int) -> Floats:
    lump = sample(noise(47 + salt, 1.2), x * np.float32(0.02), z * np.float32(0.02)) - np.float32(0.5)
    line = z - 7 - x * np.float32(0.22) + lump * 7
    shore = -smoothstep(-4, 20, line) * 2.2 + lump * np.float32(0.5) * smoothstep(FLAT, 20, away)
    cliff = smoothstep(70, 260, x * (1 if salt % 2 else -1) + lump * 90) * smoothstep(30, 110, away)
    return np.asarray(shore + cliff * (30 + lump * 60), dtype=np.float32)


def _field(x: Floats, z: Floats, away: Floats, salt: int) -> Floats:
    rolling = sample(noise(47 + salt, 1.8), x * np.float32(0.0022), z * np.float32(0.0022)) - np.float32(0.45)
    near = rolling * 26 * smoothstep(FLAT, 120, away)
    return np.asarray(near + _peaks(x, z, away, salt, 0.14, 900, 4000), dtype=np.float32)


def _forest(x: Floats, z: Floats, away: Floats, salt: int) -> Floats:
    rolling = sample(noise(47 + salt, 1.5), x * np.float32(0.012), z * np.float32(0.012)) - np.float32(0.45)
    return np.asarray(rolling * 5 * smoothstep(FLAT, 26, away), dtype=np.float32)


def _peaks(x: Floats, z: Floats, away: Floats, salt: int, tall: float, start: float, full: float) -> Floats:
    """Ridged mountains that rise with the distance."""
    total = np.zeros_like(away)
    scale, strength = np.float32(1 / 5200), np.float32(1.0)
    for octave in range(4):
        ridge = sample(noise(53 + salt + octave, 1.35), x * scale + octave * 0.3, z * scale)
        ridge = 1 - np.abs(ridge * 2 - 1) * np.float32(1.8)
        total += ridge * strength
        scale, strength = scale * np.float32(2.6), strength * np.float32(0.42)
    rise = smoothstep(start, full, away)
    return np.asarray(np.maximum(total, 0.1) ** 1.5 * np.float32(620 * tall) * rise, dtype=np.float32)


SHAPES = {
    "desert": _dunes,
    "snow": _snow,
    "mountains": _mountains,
    "sea": _sea,
    "field": _field,
    "forest": _forest,
}


@dataclass(frozen=True, slots=True, eq=False)
class Polar:
    """Relief around the camera: rings × bearings, and per bearing and elevation the ring that is seen."""

    relief: Relief
    first: float
    ratio: float
    west: float
    span: float
    slope_x: Floats
    slope_z: Floats
    seen: Floats

    def meet(self, view: View, hits: Hits) -> None:
        """Lays the relief behind whatever is nearer; flat close to the subject."""
        x, y, z = hits.rays
        flat = np.sqrt(x * x + z * z) + np.float32(1e-6)
        ring = self._ring(x, z, np.arctan2(y, flat))
        reach = np.float32(self.first) * np.float32(self.ratio) ** ring / flat
        with np.errstate(divide="ignore", invalid="ignore"):
            plane = np.float32(-view.origin[1]) / np.minimum(y, np.float32(-1e-6))
        px, pz = plane * x + np.float32(view.origin[0]), plane * z + np.float32(view.origin[2])
        behind = np.clip(pz, -np.float32(self.relief.back), 0)
        level = (px * px + (pz - behind) ** 2 < FLAT * FLAT) & (y < 0)
        t = np.where(level, plane, np.where(ring >= RINGS - 1, np.inf, reach))
        closer = t < hits.t
        np.copyto(hits.t, t, where=closer)
        hits.ident[closer] = GROUND

    def _ring(self, x: Floats, z: Floats, elevation: Floats) -> Floats:
        rows, columns = self.seen.shape
        column = ((np.arctan2(x, z) - np.float32(self.west)) % np.float32(2 * np.pi)) * np.float32(
            columns / self.span
        )
        row = (elevation - np.float32(LOWEST)) * np.float32((rows - 1) / (HIGHEST - LOWEST))
        ci = np.clip(column.astype(np.int32), 0, columns - 1)
        ri = np.clip((row + 0.5).astype(np.int32), 0, rows - 1)
        return self.seen.ravel()[ri * np.int32(columns) + ci]

    def normals(self, origin: Vector, points: Floats) -> Floats:
        """Unit normals (3, n) at points on the relief, from the slopes of the table."""
        x, z = points[0] - np.float32(origin[0]), points[2] - np.float32(origin[2])
        ring = np.log(np.sqrt(x * x + z * z) / np.float32(self.first) + np.float32(1e-6)) / np.float32(
            np.log(self.ratio)
        )
        columns = self.slope_x.shape[1]
        column = ((np.arctan2(x, z) - np.float32(self.west)) % np.float32(2 * np.pi)) * np.float32(
            columns / self.span
        )
        ri, ci = np.clip(ring, 0, RINGS - 1.001), np.clip(column - 0.5, 0, columns - 1.001)
        out = np.empty_like(points)
        out[0], out[2] = -_bilinear(self.slope_x, ri, ci), -_bilinear(self.slope_z, ri, ci)
        out[1] = 1
        return np.asarray(out / np.sqrt(out[0] ** 2 + 1 + out[2] ** 2), dtype=np.float32)


def _bilinear(table: Floats, row: Floats, column: Floats) -> Floats:
    width = np.int32(table.shape[1])
    r, c = row.astype(np.int32), column.astype(np.int32)
    fr, fc, flat, at = row - r, column - c, table.ravel(), r * width + c
    low = flat[at] * (1 - fc) + flat[at + 1] * fc
    high = flat[at + width] * (1 - fc) + flat[at + width + 1] * fc
    return np.asarray(low + (high - low) * fr, dtype=np.float32)


def survey(relief: Relief, view: View) -> Polar:
    """Looks around from the camera once, as finely as the picture needs."""
    west, span = _bearings(view)
    columns = int(np.clip(view.width * 1.2 * span / (2 * np.arctan(view.tan_x)), 200, 3600))
    first, ratio = 0.6, float((9000 / 0.6) ** (1 / (RINGS - 1)))
    bearing = (west + (np.arange(columns) + 0.5) * span / columns).astype(np.float32)[None, :]
    radius = (first * ratio ** np.arange(RINGS)).astype(np.float32)[:, None]
    x, z = (
        np.sin(bearing) * radius + np.float32(view.origin[0]),
        np.cos(bearing) * radius + np.float32(view.origin[2]),
    )
    height = relief.height(x, z)
    along = np.gradient(height, axis=0) / np.gradient(radius, axis=0)
    across = np.gradient(height, axis=1) / (radius * np.float32(span / columns))
    slope_x = along * np.sin(bearing) + across * np.cos(bearing)
    slope_z = along * np.cos(bearing) - across * np.sin(bearing)
    seen = _horizons(np.arctan2(height - np.float32(view.origin[1]), radius), view.height)
    return Polar(
        relief, first, ratio, west, span, slope_x.astype(np.float32), slope_z.astype(np.float32), seen
    )


def _bearings(view: View) -> tuple[float, float]:
    """West end and width of the bearings in view; all round when the camera looks steeply."""
    x, y, z = view.axes[2]
    half = np.arctan(np.hypot(view.tan_x, view.tan_y)) + 0.1
    steep = abs(float(np.arcsin(np.clip(y, -1, 1)))) + np.arctan(view.tan_y)
    if steep > 1.15 or half > 1.3:
        return -np.pi, 2 * np.pi
    half = min(np.pi, half / max(float(np.cos(steep)), 0.25))
    return float(np.arctan2(x, z)) - half, 2 * half


def _horizons(elevation: Floats, height: int) -> Floats:
    """For each elevation (rows) and bearing: the fractional ring that first reaches it."""
    rows = int(np.clip(height * 3, 600, 4200))
    highest = np.maximum.accumulate(elevation, axis=0)
    wanted = np.linspace(LOWEST, HIGHEST, rows).astype(np.float32)
    seen = np.empty((rows, elevation.shape[1]), np.float32)
    rings = np.arange(RINGS, dtype=np.float32)
    for column in range(elevation.shape[1]):
        profile = highest[:, column] + rings * np.float32(1e-9)
        seen[:, column] = np.interp(wanted, profile, rings, left=0, right=RINGS)
    return seen


@dataclass(frozen=True, slots=True, eq=False)
class HillShade:
    """Which slopes the sun reaches: a square map of `extent` metres around the subject."""

    lit: Floats
    extent: float

    def at(self, x: Floats, z: Floats) -> Floats:
        size = self.lit.shape[0]
        column = np.clip((x / np.float32(self.extent) + 0.5) * size - 0.5, 0, size - 1.001)
        row = np.clip((z / np.float32(self.extent) + 0.5) * size - 0.5, 0, size - 1.001)
        return _bilinear(self.lit, row, column)


def hill_shade(relief: Relief, toward: Vector, extent: float, size: int = 320) -> HillShade:
    """Walks from every place of the map toward the sun and sees whether a hill stands between."""
    line = ((np.arange(size) + 0.5) / size - 0.5).astype(np.float32) * np.float32(extent)
    x, z = np.meshgrid(line, line)
    ground = relief.height(x, z)
    flat = max(float(np.hypot(toward[0], toward[2])), 1e-3)
    rise = np.float32(toward[1] / flat)
    clear = np.full_like(ground, 1.0)
    step = extent / size
    for k in range(22):
        reach = np.float32(step * 1.6 * 1.22**k)
        over = relief.height(
            x + np.float32(toward[0] / flat) * reach, z + np.float32(toward[2] / flat) * reach
        )
        clear = np.minimum(clear, (rise - (over - ground) / reach) * 9 + np.float32(0.5))
        if reach > extent / 2:
            break
    return HillShade(np.clip(clear, 0, 1), extent)


def seen_sky(hits: Hits) -> NDArray[np.bool_]:
    return np.asarray(hits.ident == SKY)
