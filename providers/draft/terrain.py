"""Hills that really stand in space: a height field seen through a polar table around the camera."""

from dataclasses import dataclass

import numpy as np

from providers.draft.arrays import Floats, Vector, noise, sample, smoothstep
from providers.draft.camera import View
from providers.draft.raster import GROUND, Hits

RINGS = 420
MOST_BEARINGS = 2400
FLAT = 5.0
DUNE_BACK = np.float32(0.66)  # share of a dune that faces the wind


@dataclass(frozen=True, slots=True)
class Relief:
    """`kind` picks the shape; the strip between camera and subject, `back` metres long, stays flat."""

    kind: str
    salt: int
    back: float

    @property
    def level_back(self) -> float:
        """Metres of truly flat ground toward the camera; a dune falls away before its crest."""
        return 0.0 if self.kind == "desert" else self.back

    def height(self, x: Floats, z: Floats) -> Floats:
        """Metres above the ground under the subject."""
        behind = np.clip(z, -np.float32(self.back), 0)
        away = np.sqrt(x * x + (z - behind) ** 2)
        return np.asarray(SHAPES[self.kind](x, z, away, self.salt), dtype=np.float32)


def _lumps(salt: int, beta: float, x: Floats, z: Floats, span: float) -> Floats:
    """Smooth hills around 0, deviation about 0.17, with features of up to `span` metres."""
    return sample(noise(salt, beta), x * np.float32(1 / span), z * np.float32(1 / span)) - np.float32(0.5)


def _dunes(x: Floats, z: Floats, away: Floats, salt: int) -> Floats:
    """Winding crests that run into the depth: long windward slopes, a sharp brink, steep lee sides."""
    bend = _lumps(41 + salt, 2.6, x, z, 1100)
    size = _lumps(43 + salt, 2.6, x, z, 520)
    turn = np.float32(-1.0 if salt % 2 else 1.0)
    across = x * (turn * np.float32(0.0088)) + z * np.float32(0.0058)
    phase = (across + bend * np.float32(3.4) + np.float32(salt * 0.37)) % 1
    windward, lee = phase / DUNE_BACK, (1 - phase) / (1 - DUNE_BACK)
    # The brink is rounded over what two rings of the survey lie apart, or it would look like a saw.
    blunt = np.clip(away * np.float32(0.0017), 0.02, 1.0)
    overlap = np.maximum(blunt - np.abs(windward - lee), 0)
    slope = np.maximum(np.minimum(windward, lee) - overlap * overlap / (4 * blunt), 0)
    crest = slope * (np.float32(0.55) + np.float32(0.45) * slope)
    tall = np.float32(10.0) + np.clip(away, 0, 520) * np.float32(0.042)
    dune = crest * tall * np.clip(0.74 + 1.9 * size, 0.22, 1.6)
    dune += bend * np.clip(away, 0, 900) * np.float32(0.06)
    return np.asarray((dune - 2.5) * smoothstep(FLAT, 52, away) + _crest(x, z), dtype=np.float32)


def _crest(x: Floats, z: Floats) -> Floats:
    """The dune underfoot: a shelf with a curved brink, a steep slip face before it, a long back behind it."""
    brink = np.float32(-6.5) + np.sin(x * np.float32(0.11) + np.float32(0.6)) * 2 - x * np.float32(0.16)
    fallen = np.clip(brink - z, 0, 9)
    slip = fallen * fallen / (fallen + np.float32(1.2)) * np.float32(0.56)
    back = smoothstep(4, 46, z) * 5
    return np.asarray(-slip - back, dtype=np.float32)


def _snow(x: Floats, z: Floats, away: Floats, salt: int) -> Floats:
    near = (_lumps(47 + salt, 2.4, x, z, 300) + np.float32(0.05)) * 16 * smoothstep(FLAT, 80, away)
    return np.asarray(near + _peaks(x, z, away, salt, 0.62, 400, 3400), dtype=np.float32)


def _mountains(x: Floats, z: Floats, away: Floats, salt: int) -> Floats:
    near = (_lumps(47 + salt, 2.2, x, z, 260) - np.float32(0.06)) * 34 * smoothstep(FLAT, 90, away)
    return np.asarray(near + _peaks(x, z, away, salt, 1.0, 500, 3800), dtype=np.float32)


def _sea(x: Floats, z: Floats, away: Floats, salt: int) -> Floats:
    lump = _lumps(47 + salt, 2.2, x, z, 60)
    line = z - 6 - x * np.float32(0.16) + lump * 16
    shore = -smoothstep(-3, 22, line) * 2.4 + lump * np.float32(0.5) * smoothstep(FLAT, 20, away)
    side = x * np.float32(1 if salt % 2 else -1) + _lumps(59 + salt, 2.3, x, z, 420) * 320
    cliff = smoothstep(110, 210, side) * smoothstep(60, 240, away) * (1 - smoothstep(700, 1500, away))
    return np.asarray(shore + cliff * (38 + _lumps(61 + salt, 2.3, x, z, 300) * 80), dtype=np.float32)


def _field(x: Floats, z: Floats, away: Floats, salt: int) -> Floats:
    near = _lumps(47 + salt, 2.5, x, z, 420) * 34 * smoothstep(FLAT, 120, away)
    return np.asarray(near + _peaks(x, z, away, salt, 0.16, 900, 4000), dtype=np.float32)


def _forest(x: Floats, z: Floats, away: Floats, salt: int) -> Floats:
    return np.asarray(_lumps(47 + salt, 2.2, x, z, 70) * 6 * smoothstep(FLAT, 26, away), dtype=np.float32)


def _peaks(x: Floats, z: Floats, away: Floats, salt: int, tall: float, start: float, full: float) -> Floats:
    """Ridged mountains that rise with the distance."""
    far = away > start
    out = np.zeros(away.shape, np.float32)
    out[far] = _ridges(x[far], z[far], salt) * np.float32(760 * tall) * smoothstep(start, full, away[far])
    return out


def _ridges(x: Floats, z: Floats, salt: int) -> Floats:
    broad = _lumps(53 + salt, 2.3, x, z, 5200)
    ridge = 1 - np.abs(_lumps(57 + salt, 2.5, x, z, 3100)) * np.float32(5.2)
    spur = 1 - np.abs(_lumps(59 + salt, 2.3, x, z, 1500)) * np.float32(5.0)
    crag = _lumps(61 + salt, 2.1, x, z, 600)
    mass = np.clip(0.42 + broad * 1.5 + ridge * np.float32(0.36), 0.03, 2.0)
    return np.asarray(mass * (0.62 + 0.3 * spur + 0.34 * crag), dtype=np.float32)


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
    lowest: float
    highest: float
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
        behind = np.clip(pz, -np.float32(self.relief.level_back), 0)
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
        row = (elevation - np.float32(self.lowest)) * np.float32((rows - 1) / (self.highest - self.lowest))
        ci = np.clip(column.astype(np.int32), 0, columns - 1)
        ri = np.clip((row + 0.5).astype(np.int32), 0, rows - 1)
        return np.asarray(self.seen.ravel()[ri * np.int32(columns) + ci], dtype=np.float32)

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
    columns = int(np.clip(view.width * 1.2 * span / (2 * np.arctan(view.tan_x)), 200, MOST_BEARINGS))
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
    lowest, highest = _elevations(view)
    rows = int(np.clip(view.height * 1.5 * (highest - lowest) / (2 * np.arctan(view.tan_y)), 200, 4000))
    seen = _horizons(np.arctan2(height - np.float32(view.origin[1]), radius), lowest, highest, rows)
    slopes = slope_x.astype(np.float32), slope_z.astype(np.float32)
    return Polar(relief, first, ratio, west, span, lowest, highest, *slopes, seen)


def _bearings(view: View) -> tuple[float, float]:
    """West end and width of the bearings in view; all round when the camera looks steeply."""
    x, y, z = view.axes[2]
    half = np.arctan(np.hypot(view.tan_x, view.tan_y)) + 0.1
    steep = abs(float(np.arcsin(np.clip(y, -1, 1)))) + np.arctan(view.tan_y)
    if steep > 1.15 or half > 1.3:
        return -np.pi, 2 * np.pi
    half = min(np.pi, half / max(float(np.cos(steep)), 0.25))
    return float(np.arctan2(x, z)) - half, 2 * half


def _elevations(view: View) -> tuple[float, float]:
    """Lowest and highest elevation in view, with a little to spare."""
    pitch = float(np.arcsin(np.clip(view.axes[2][1], -1, 1)))
    half = (
        float(np.arctan(np.hypot(view.tan_x, view.tan_y)))
        if abs(view.axes[0][1]) > 0.02
        else float(np.arctan(view.tan_y))
    )
    return max(pitch - half * 1.05, -1.55), min(max(pitch + half * 1.05, -1.4), 1.4)


def _horizons(elevation: Floats, lowest: float, highest: float, rows: int) -> Floats:
    """For each elevation (rows) and bearing: the fractional ring that first reaches it."""
    skyline = np.maximum.accumulate(elevation, axis=0)
    wanted = np.linspace(lowest, highest, rows).astype(np.float32)
    seen = np.empty((rows, elevation.shape[1]), np.float32)
    rings = np.arange(RINGS, dtype=np.float32)
    for column in range(elevation.shape[1]):
        profile = skyline[:, column] + rings * np.float32(1e-9)
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


def hill_shade(relief: Relief, toward: Vector, extent: float, size: int) -> HillShade:
    """Walks from every place of the map toward the sun and sees whether a hill stands between."""
    line = ((np.arange(size) + 0.5) / size - 0.5).astype(np.float32) * np.float32(extent)
    x, z = np.meshgrid(line, line)
    ground = relief.height(x, z)
    flat = max(float(np.hypot(toward[0], toward[2])), 1e-3)
    rise = np.float32(toward[1] / flat)
    clear = np.full_like(ground, 1.0)
    columns, rows = np.meshgrid(np.arange(size, dtype=np.float32), np.arange(size, dtype=np.float32))
    for k in range(18):
        cells_on = 1.5 * 1.24**k
        column = np.clip(columns + np.float32(toward[0] / flat * cells_on), 0, size - 1.001)
        row = np.clip(rows + np.float32(toward[2] / flat * cells_on), 0, size - 1.001)
        reach = np.float32(cells_on * extent / size)
        clear = np.minimum(
            clear, (rise - (_bilinear(ground, row, column) - ground) / reach) * 10 + np.float32(0.5)
        )
    return HillShade(np.clip(clear, 0, 1), extent)
