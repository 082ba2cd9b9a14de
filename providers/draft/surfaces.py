"""From hits to surfaces: where each pixel lies, which way it faces, what it is made of."""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from providers.draft.arrays import Floats, Vector, dot, square
from providers.draft.camera import View
from providers.draft.raster import GROUND, SKY, WATER, WATER_LEVEL, Hits
from providers.draft.sky import sky_colour
from providers.draft.soil import FOAM, foam, lay_soil, waves
from providers.draft.solids import CAST, Box, Ellipsoid, RoundCone, Solid, distance, normal
from providers.draft.stage import Stage
from providers.draft.terrain import Polar
from providers.draft.textures import BUMPS, bumped, paint_ground, paint_solid

type Ball = tuple[Vector, float]

BLEND = np.float32(0.016)
FACE_BLEND = np.float32(0.006)


@dataclass(frozen=True, slots=True, eq=False)
class Surface:
    """The pixels of a band that show something solid, in one flat list (3, n) or (n)."""

    index: NDArray[np.intp]
    rays: Floats
    points: Floats
    normals: Floats
    colour: Floats
    glow: Floats
    gloss: Floats
    t: Floats
    ground: NDArray[np.bool_]
    body: NDArray[np.bool_]


def neighbours(solids: list[Solid]) -> list[list[Solid]]:
    """For each part of a body, the parts of the same body and paint whose skins come near enough to blend."""
    balls = [None if isinstance(solid, Box) else _ball(solid) for solid in solids]
    found: list[list[Solid]] = []
    for solid, ball in zip(solids, balls, strict=True):
        found.append([])
        if ball is None or solid.body < 0:
            continue
        for other, second in zip(solids, balls, strict=True):
            if (
                other.body == solid.body
                and other.paint == solid.paint
                and second is not None
                and _touch(ball, second)
            ):
                found[-1].append(other)
    return found


def _touch(one: Ball, two: Ball) -> bool:
    away = one[0] - two[0]
    return float(away @ away) < (one[1] + two[1] + 0.02) ** 2


def _ball(solid: RoundCone | Ellipsoid) -> Ball:
    if isinstance(solid, Ellipsoid):
        return solid.centre, float(solid.radii.max())
    return (solid.a + solid.b) / 2, float(np.linalg.norm(solid.a - solid.b)) / 2 + max(solid.ra, solid.rb)


def surfaces(stage: Stage, near: list[list[Solid]], land: Polar | None, view: View, hits: Hits) -> Surface:
    """Positions, normals and paints of everything but the sky in this band, grouped by solid."""
    flat = hits.ident.ravel()
    index = np.flatnonzero(flat != SKY)
    index = index[np.argsort(flat[index], kind="stable")]
    found = flat[index]
    rays, t = np.take(hits.rays.reshape(3, -1), index, axis=1), hits.t.ravel()[index]
    points = rays * t + view.origin.astype(np.float32)[:, None]
    normals, colour = np.zeros_like(points), np.zeros_like(points)
    glow, gloss = np.zeros_like(points), np.zeros_like(t)
    body = np.zeros(t.shape, np.bool_)
    surface = Surface(index, rays, points, normals, colour, glow, gloss, t, found == GROUND, body)
    edges = [*np.flatnonzero(np.diff(found, prepend=-99)), found.size]
    for start, end in pairwise(edges):
        number, part = int(found[start]), slice(start, end)
        if number == GROUND:
            _ground(stage, land, view, surface, part)
            continue
        if number == WATER:
            _water(stage, surface, part)
            continue
        solid, here = stage.solids[number], points[:, part]
        paint = stage.paints[solid.paint]
        normals[:, part] = _smooth(near[number], here) if near[number] else normal(solid, here)
        if paint.texture in BUMPS:
            normals[:, part] = bumped(normals[:, part], here, *BUMPS[paint.texture])
        tint, light, shine = paint_solid(solid, paint, here, normals[:, part])
        colour[:, part] = tint
        gloss[part] = paint.gloss if shine is None else shine
        body[part] = 0 <= solid.body < CAST
        if light is not None:
            glow[:, part] = light
    return surface


def _smooth(parts: list[Solid], points: Floats) -> Floats:
    """Normals of the parts melted together, so that a body has no seams."""
    total = np.zeros_like(points)
    small = min(_ball(part)[1] for part in parts if not isinstance(part, Box)) < 0.03
    blend = FACE_BLEND if small else BLEND
    for part in parts:
        away, gradient = distance(part, points)
        total += gradient * np.exp(-np.clip(away, 0, 1) / blend)
    length = np.sqrt(square(total))
    return np.asarray(total / np.maximum(length, 1e-9), dtype=np.float32)


def _ground(stage: Stage, land: Polar | None, view: View, surface: Surface, part: slice) -> None:
    rays, points, t = surface.rays[:, part], surface.points[:, part], surface.t[part]
    footprint = t * np.float32(2 * view.tan_x / view.width) / np.maximum(np.abs(rays[1]), 0.05)
    if land is not None:
        facing = land.normals(view.origin, points)
        surface.colour[:, part], surface.gloss[part] = lay_soil(stage.ground, points, facing, footprint)
        surface.normals[:, part] = facing
        return
    tint, shine, bump = paint_ground(stage.ground, points[0], points[2], footprint)
    surface.normals[1, part] = 1
    surface.colour[:, part] = tint * (1 + (bump - 0.1) * np.float32(0.25))
    surface.gloss[part] = shine


def _water(stage: Stage, surface: Surface, part: slice) -> None:
    """Dark water under a sky: what it mirrors is put in as glow."""
    points, rays = surface.points[:, part], surface.rays[:, part]
    facing = waves(points[0], points[2], surface.t[part])
    across = dot(facing, rays)
    bounced = rays - facing * (2 * across)
    bounced[1] = np.abs(bounced[1])
    fresnel = np.float32(0.03) + np.float32(0.9) * np.clip(1 + across, 0, 1) ** 5
    depth = np.full_like(across, 9.0)
    if stage.relief is not None:
        depth = np.float32(WATER_LEVEL) - stage.relief.height(points[0], points[2])
    white = foam(points[0], points[2], depth)
    surface.normals[:, part] = facing
    surface.glow[:, part] = sky_colour(stage.sky, stage.key, bounced) * (fresnel * (1 - white))
    deep = np.array(((0.012,), (0.030,), (0.034,)), np.float32)
    surface.colour[:, part] = deep + (FOAM - deep) * white
    surface.gloss[part] = 0.9
