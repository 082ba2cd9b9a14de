"""Procedural surfaces, computed at the pixels that show them: façades, cloth, ground."""

import numpy as np

from providers.draft.arrays import Floats, cells, dot, mix, noise, sample, smoothstep
from providers.draft.paint import Paint
from providers.draft.solids import Box, RoundCone, Solid
from providers.draft.stage import Ground

GLASS = np.array((0.02, 0.024, 0.03), dtype=np.float32)
WARM_ROOMS = np.array(
    ((1.0, 0.62, 0.28), (1.0, 0.74, 0.44), (0.55, 0.75, 1.0), (0.95, 0.5, 0.25)), dtype=np.float32
)


def paint_solid(
    solid: Solid, paint: Paint, points: Floats, normals: Floats
) -> tuple[Floats, Floats | None, Floats | None]:
    """Colour (3, n), glow (3, n) or None, gloss (n) or None at points (3, n)."""
    colour = np.broadcast_to(paint.colour[:, None], points.shape)
    glow = None if paint.glow is None else np.broadcast_to(paint.glow[:, None], points.shape)
    if paint.texture == "facade" and isinstance(solid, Box):
        return _facade(solid, paint, points, normals)
    if paint.texture == "sign" and isinstance(solid, Box) and glow is not None:
        return colour, _sign(solid, glow, points, paint.salt), None
    if paint.texture == "writing" and isinstance(solid, Box):
        return colour * _lines(solid, points), None, None
    if paint.texture:
        grain = sample(noise(3, 0.9), points[0] * 1.7 + points[1] * 0.6, points[1] * 1.7 + points[2] * 1.3)
        fine = sample(noise(5, 0.5), points[0] * 6 + points[2] * 5, points[1] * 5)
        if paint.texture == "stripes":
            colour = colour * _stripes(solid, points)
        return np.asarray(colour * (0.55 + grain * 0.55 + fine * 0.35), dtype=np.float32), glow, None
    return np.asarray(colour, dtype=np.float32), glow, None


def _lines(box: Box, points: Floats) -> Floats:
    """Ink on paper: lines of words inside a margin, on both faces."""
    local = _local(box, points)
    u, v = local[0] / np.float32(box.half[0]), local[1] / np.float32(box.half[1])
    row = np.floor(v * 11)
    ink = cells(np.floor(u * 34), row, 3) * smoothstep(0.30, 0.18, np.abs(v * 11 - row - np.float32(0.5)))
    inside = (np.abs(u) < 0.80) & (v < 0.72) & (v > -0.80) & (u < 0.55 + 0.3 * cells(row, row * 0, 9))
    return np.asarray(1 - np.float32(0.7) * smoothstep(0.2, 0.5, ink) * inside, dtype=np.float32)


def _stripes(solid: Solid, points: Floats) -> Floats:
    """Bands down the cloth, counted by the angle about the part's own upright."""
    centre = (solid.a + solid.b) / 2 if isinstance(solid, RoundCone) else solid.centre
    angle = np.arctan2(points[0] - np.float32(centre[0]), points[2] - np.float32(centre[2]))
    return np.asarray(0.38 + 0.62 * smoothstep(-0.35, 0.35, np.sin(angle * 26)), dtype=np.float32)


# Depth of the small relief pressed into normals, and its tiles per metre.
BUMPS = {"stone": (1.5, 0.35), "bark": (0.55, 0.6), "cloth": (0.30, 0.42), "stripes": (0.30, 0.42)}


def bumped(normals: Floats, points: Floats, depth: float, scale: float) -> Floats:
    """Normals (3, n) roughened by noise that sticks to the place."""
    x, y, z = points * np.float32(scale)
    out = normals.copy()
    out[0] += (sample(noise(81, 1.15), x + z * np.float32(0.7), y) - np.float32(0.5)) * np.float32(depth)
    out[1] += (sample(noise(83, 1.15), x - z * np.float32(0.6), y) - np.float32(0.5)) * np.float32(depth)
    out[2] += (sample(noise(85, 1.15), z + x * np.float32(0.4), y) - np.float32(0.5)) * np.float32(depth)
    return np.asarray(out / np.sqrt(out[0] ** 2 + out[1] ** 2 + out[2] ** 2), dtype=np.float32)


def _wrapped(x: Floats, period: float) -> Floats:
    """x modulo the period; many times faster than `np.mod`."""
    return np.asarray(x - np.floor(x * np.float32(1 / period)) * np.float32(period), dtype=np.float32)


def _local(box: Box, points: Floats) -> Floats:
    away = points - box.centre.astype(np.float32)[:, None]
    return np.asarray(box.axes.astype(np.float32) @ away if box.yaw else away, dtype=np.float32)


def _facade(
    box: Box, paint: Paint, points: Floats, normals: Floats
) -> tuple[Floats, Floats | None, Floats | None]:
    """Storeys of 3.3 m with sash windows, some lit, over a shop front."""
    local = _local(box, points)
    sideways = np.abs(dot(normals, box.axes[0])) > 0.5
    along = np.where(sideways, local[2] + np.float32(box.half[2]), local[0] + np.float32(box.half[0]))
    height = points[1]
    pitch = np.float32(2.0 + 0.25 * (paint.salt % 4))
    column, storey = np.floor(along / pitch), np.floor((height - 4.2) / 3.3)
    u, v = along / pitch - column, (height - 4.2) / np.float32(3.3) - storey
    window = (u > 0.24) & (u < 0.76) & (v > 0.24) & (v < 0.8) & (height > 4.2)
    bar = (np.abs(u - 0.5) < 0.018) | (np.abs(v - 0.52) < 0.02)
    shop = (height > 0.55) & (height < 3.1) & (_wrapped(along, 4.6) > 0.5)
    glass = ((window & ~bar) | shop) & (np.abs(normals[1]) < 0.5)
    wall = (
        0.6
        + 0.5 * sample(noise(7, 1.1), along * 0.11, height * 0.11)
        + 0.25 * (sample(noise(9, 0.4), along, height) - 0.5)
    )
    ledge = np.where((v < 0.06) & (height > 4.2), np.float32(1.35), np.float32(1.0))
    stone = paint.colour[:, None] * (wall * ledge)
    colour = np.where(glass, GLASS[:, None], stone)
    glow = None
    if paint.glow is not None:
        glow = np.zeros_like(points)
        panes = np.flatnonzero(glass)
        behind = (part[panes] for part in (column, storey, v, along, shop))
        glow[:, panes] = _rooms(paint, *behind)
    return np.asarray(colour, dtype=np.float32), glow, np.where(glass, np.float32(0.8), np.float32(0.05))


def _rooms(paint: Paint, column: Floats, storey: Floats, v: Floats, along: Floats, is_shop: Floats) -> Floats:
    """Light (3, n) of what lies behind panes: rooms that are in, shops that are open."""
    shop = np.floor(along / 4.6)
    chance = cells(column, storey, paint.salt)
    tint = WARM_ROOMS[(cells(column, storey, paint.salt + 7) * 4).astype(np.int32)].T
    assert paint.glow is not None
    on = smoothstep(1 - float(paint.glow[0]), 1.0, chance) * (0.35 + 0.65 * smoothstep(0.1, 0.75, v))
    blind = np.where(cells(column, storey, paint.salt + 3) > 0.6, smoothstep(0.62, 0.58, v), np.float32(1.0))
    rooms = tint * (on * (0.3 + 0.7 * blind)) * np.float32(float(paint.glow[1]))
    open_shop = cells(shop, shop * 0, paint.salt + 11) < paint.glow[2]
    front = np.float32(float(paint.glow[1]) * 0.8) * (0.25 + 0.75 * cells(shop, shop * 0, paint.salt + 13))
    lit_shop = WARM_ROOMS[(cells(shop, shop * 0, paint.salt + 17) * 4).astype(np.int32)].T * (
        front * open_shop
    )
    return np.asarray(np.where(is_shop, lit_shop, rooms), dtype=np.float32)


def _sign(box: Box, glow: Floats, points: Floats, salt: int) -> Floats:
    """Stacked characters of an unread alphabet inside a tube frame."""
    local = _local(box, points)
    v = (local[1] / np.float32(box.half[1]) + 1) / 2
    u = (
        (local[0] if box.half[0] > box.half[2] else local[2]) / np.float32(max(box.half[0], box.half[2])) + 1
    ) / 2
    count = np.float32(max(2, round(float(box.half[1]) / max(float(box.half[0]), float(box.half[2])))))
    row = np.floor(v * count)
    fv = v * count - row
    cu, cv = np.floor(u * 5), np.floor(fv * 5)
    inside = (cu >= 1) & (cu <= 3) & (cv >= 1) & (cv <= 3)
    stroke = (cells(cu + row * 7, cv, salt) > 0.42) & inside
    frame = (np.minimum(u, 1 - u) < 0.07) | (np.minimum(v, 1 - v) * count < 0.08)
    return np.asarray(glow * np.where(stroke | frame, np.float32(1.0), np.float32(0.10)), dtype=np.float32)


def paint_ground(ground: Ground, x: Floats, z: Floats, footprint: Floats) -> tuple[Floats, Floats, Floats]:
    """Colour (3, n), gloss (n) and unevenness (n) of the ground at x, z; detail fades under the footprint."""
    broad = sample(noise(11 + ground.salt, 1.4), x * np.float32(0.021), z * np.float32(0.021))
    middle = sample(noise(13, 0.9), x * np.float32(0.19), z * np.float32(0.19))
    fine = sample(noise(17, 0.35), x * np.float32(0.9), z * np.float32(0.9))
    near = 1 / (1 + (footprint * 60) ** 2)
    value = 0.62 + 0.45 * broad + (middle - 0.5) * 0.5 / (1 + footprint * 4) + (fine - 0.5) * 0.6 * near
    colour: Floats = (ground.colour[:, None] * value).astype(np.float32)
    gloss = np.full_like(x, 0.03)
    if ground.kind == "street":
        colour = _street(colour, x, z)
    elif ground.kind == "boards":
        colour = _boards(colour, x, z, footprint)
        gloss += np.float32(0.22)
    if ground.wet:
        puddle = smoothstep(0.42, 0.62, broad * 0.55 + middle * 0.45) * np.float32(ground.wet)
        soaked = np.float32(0.42 * ground.wet)
        colour = (colour * (1 - 0.55 * np.maximum(puddle, soaked))).astype(np.float32)
        gloss = np.maximum(puddle, soaked)
    return (
        np.asarray(colour, dtype=np.float32),
        np.asarray(gloss, dtype=np.float32),
        np.asarray(fine * near, dtype=np.float32),
    )


def _street(colour: Floats, x: Floats, z: Floats) -> Floats:
    side = np.abs(x) > 4.6
    joint = (_wrapped(z, 1.5) < 0.03) | (_wrapped(np.abs(x) - np.float32(4.6), 1.5) < 0.03)
    pavement = np.where(side, np.where(joint, np.float32(1.2), np.float32(2.0)), np.float32(1.0))
    kerb = np.abs(np.abs(x) - 4.6) < 0.09
    line = (np.abs(x) < 0.07) & (_wrapped(z + 1.3, 5.0) < 2.4)
    out = mix(colour * pavement, colour * 2.6, kerb.astype(np.float32))
    return np.asarray(np.where(line, np.float32(0.22), out), dtype=np.float32)


def _boards(colour: Floats, x: Floats, z: Floats, footprint: Floats) -> Floats:
    plank = np.floor(x / np.float32(0.16))
    shift = cells(plank, plank * 0, 5)
    tone = 0.7 + 0.5 * cells(plank, np.floor(z / np.float32(1.7) + shift * 9), 3)
    grain = sample(noise(19, 0.8), x * np.float32(1.3), z * np.float32(0.12))
    seam = np.minimum(np.mod(x / np.float32(0.16), 1), 1 - np.mod(x / np.float32(0.16), 1))
    dark = mix(np.float32(0.45) + 0 * x, np.float32(1.0) + 0 * x, smoothstep(0.0, 0.05, seam + footprint * 3))
    return np.asarray(colour * (tone * (0.7 + 0.6 * grain) * dark), dtype=np.float32)
