"""From hits to surfaces: where each pixel lies, which way it faces, what it is made of."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from providers.draft.arrays import Floats
from providers.draft.camera import View
from providers.draft.raster import GROUND, SKY, Hits
from providers.draft.solids import Box, Solid, distance, normal
from providers.draft.stage import Stage
from providers.draft.textures import paint_ground, paint_solid

BLEND = np.float32(0.016)
FACE_BLEND = np.float32(0.006)


@dataclass(frozen=True, slots=True, eq=False)
class Surface:
    """The pixels of a band that show something solid, in one flat list (3, n) or (n)."""

    index: NDArray[np.intp]
    points: Floats
    normals: Floats
    colour: Floats
    glow: Floats
    gloss: Floats
    t: Floats
    ground: NDArray[np.bool_]
    body: NDArray[np.bool_]


def neighbours(solids: list[Solid]) -> list[list[Solid]]:
    """For each part of a body, the parts of the same body whose skins come near enough to blend."""
    return [
        [other for other in solids if other.body == solid.body and _touch(solid, other)]
        if solid.body >= 0
        else []
        for solid in solids
    ]


def _touch(one: Solid, two: Solid) -> bool:
    if isinstance(one, Box) or isinstance(two, Box):
        return False
    (a, ra), (b, rb) = _ball(one), _ball(two)
    return float(np.linalg.norm(a - b)) < ra + rb + 0.02 and one.paint == two.paint


def _ball(solid: Solid) -> tuple[NDArray[np.float64], float]:
    if hasattr(solid, "centre"):
        return solid.centre, float(solid.radii.max())  # type: ignore[union-attr]
    return (solid.a + solid.b) / 2, float(np.linalg.norm(solid.a - solid.b)) / 2 + max(solid.ra, solid.rb)


def surfaces(stage: Stage, near: list[list[Solid]], view: View, hits: Hits) -> Surface:
    """Positions, normals and paints of everything but the sky in this band."""
    flat = hits.ident.ravel()
    index = np.flatnonzero(flat != SKY)
    rays, t = hits.rays.reshape(3, -1)[:, index], hits.t.ravel()[index]
    points = rays * t + view.origin.astype(np.float32)[:, None]
    found = flat[index]
    normals, colour = np.zeros_like(points), np.zeros_like(points)
    glow, gloss = np.zeros_like(points), np.zeros_like(t)
    ground = found == GROUND
    if not index.size:
        return Surface(index, points, normals, colour, glow, gloss, t, ground, ground)
    order = np.argsort(found, kind="stable")
    numbers, starts = np.unique(found[order], return_index=True)
    for number, where in zip(numbers, np.split(order, starts[1:]), strict=True):
        if number == GROUND:
            _ground(stage, view, points, t, rays, where, normals, colour, gloss)
            continue
        solid, here = stage.solids[number], points[:, where]
        paint = stage.paints[solid.paint]
        facing = _smooth(near[number], here) if near[number] else normal(solid, here)
        tint, light, shine = paint_solid(solid, paint, here, facing)
        normals[:, where], colour[:, where] = facing, tint
        gloss[where] = paint.gloss if shine is None else shine
        if light is not None:
            glow[:, where] = light
    body = np.isin(found, [i for i, solid in enumerate(stage.solids) if solid.body >= 0])
    return Surface(index, points, normals, colour, glow, gloss, t, ground, body)


def _smooth(parts: list[Solid], points: Floats) -> Floats:
    """Normals of the parts melted together, so that a body has no seams."""
    total = np.zeros_like(points)
    small = min(_ball(part)[1] for part in parts) < 0.03
    blend = FACE_BLEND if small else BLEND
    for part in parts:
        away, gradient = distance(part, points)
        total += gradient * np.exp(-np.clip(away, 0, 1) / blend)
    length = np.sqrt((total * total).sum(axis=0))
    return np.asarray(total / np.maximum(length, 1e-9), dtype=np.float32)


def _ground(
    stage: Stage,
    view: View,
    points: Floats,
    t: Floats,
    rays: Floats,
    where: NDArray[np.intp],
    normals: Floats,
    colour: Floats,
    gloss: Floats,
) -> None:
    footprint = t[where] * np.float32(2 * view.tan_x / view.width) / np.maximum(np.abs(rays[1, where]), 0.05)
    tint, shine, bump = paint_ground(stage.ground, points[0, where], points[2, where], footprint)
    normals[1, where] = 1
    colour[:, where], gloss[where] = tint, shine
    colour[:, where] *= 1 + (bump - 0.1) * np.float32(0.25)
