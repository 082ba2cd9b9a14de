"""Light on surfaces: key with shadow, sky and bounce, rim, lamps, contact, reflections, mist."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from providers.draft.arrays import Floats, Vector, cells, dot, mix, noise, sample, square
from providers.draft.camera import View
from providers.draft.raster import SKY, Hits
from providers.draft.shadows import ShadowMap, lit
from providers.draft.sky import sky_colour
from providers.draft.stage import Lamp, Stage
from providers.draft.surfaces import Surface
from providers.draft.terrain import HillShade


@dataclass(frozen=True, slots=True, eq=False)
class Shade:
    """What stands between the key and the stage: things near the subject, and hills."""

    near: ShadowMap
    hills: HillShade | None = None


def shade(
    stage: Stage, view: View, hits: Hits, surface: Surface, shade_of: Shade, mirror: Floats | None
) -> Floats:
    """Linear picture (3, rows, width) of a band."""
    picture = np.zeros_like(hits.rays)
    flat = picture.reshape(3, -1)
    sky = np.flatnonzero(hits.ident == SKY)
    if sky.size:
        flat[:, sky] = sky_colour(stage.sky, stage.key, np.take(hits.rays.reshape(3, -1), sky, axis=1))
    if not surface.index.size:
        return picture
    rays = surface.rays
    toward, fall = _key_direction(stage, surface.points)
    colour = _diffuse(stage, surface, rays, toward, fall, shade_of)
    if stage.lamps:
        colour += surface.colour * _lamps(stage.lamps, surface)
    _shine(stage, surface, rays, toward, fall, colour)
    if mirror is not None:
        colour = _reflect(colour, surface, rays, view, hits, mirror)
    colour += surface.glow
    flat[:, surface.index] = _mist(stage, view, surface, rays, colour)
    return picture


def _key_direction(stage: Stage, points: Floats) -> tuple[Floats, Floats]:
    """Unit vectors to the key (3, n), and its strength with distance."""
    if stage.key.position is None:
        return np.broadcast_to(stage.key.toward.astype(np.float32)[:, None], points.shape), np.float32(1)  # type: ignore[return-value]
    away = stage.key.position.astype(np.float32)[:, None] - points
    spread = square(away)
    return (away / np.sqrt(spread)).astype(np.float32), np.asarray(9 / (spread + 1), dtype=np.float32)


def _diffuse(
    stage: Stage, surface: Surface, rays: Floats, toward: Floats, fall: Floats, shade_of: Shade
) -> Floats:
    amount = dot(surface.normals, toward)
    amount[surface.body] = (amount[surface.body] + np.float32(0.12)) * np.float32(1 / 1.12)
    np.clip(amount, 0, 1, out=amount)
    amount *= fall
    bright = np.flatnonzero(amount > 0.004)
    if bright.size:
        # Points are lifted off their own surface, or it would shadow itself.
        lifted = surface.points[:, bright] + surface.normals[:, bright] * np.float32(0.010)
        amount[bright] *= lit(shade_of.near, lifted, surface.normals[:, bright], 0.006)
    if shade_of.hills is not None:
        soil = np.flatnonzero(surface.ground & (amount > 0.004))
        amount[soil] *= shade_of.hills.at(surface.points[0, soil], surface.points[2, soil])
    up = surface.normals[1] * np.float32(0.5) + np.float32(0.5)
    fill = mix(stage.ground_fill[:, None], stage.sky_fill[:, None], up) * _contact(stage, surface)
    light: Floats = stage.key.colour[:, None] * amount
    light += fill
    light *= surface.colour
    people = np.flatnonzero(surface.body)
    if people.size:
        _add_rim(stage, surface, rays, people, light)
    return light


def _add_rim(stage: Stage, surface: Surface, rays: Floats, people: NDArray[np.intp], light: Floats) -> None:
    """Light along the outlines of the cast, from behind on either side."""
    edge = 1 + dot(surface.normals[:, people], rays[:, people])
    outline = np.flatnonzero(edge > 0.1)  # of what faces the camera more, nothing is left to see
    people = people[outline]
    normals = surface.normals[:, people]
    behind = np.clip(0.55 + normals[2] * np.float32(0.6), 0, 1)
    behind *= np.minimum(edge[outline], 1) ** np.float32(2.4)
    left = np.clip(normals[0] * np.float32(-1.2) + np.float32(0.25), 0, 1) * behind
    right = np.clip(normals[0] * np.float32(1.2) + np.float32(0.25), 0, 1) * behind
    rim = stage.rim[0][:, None] * left + stage.rim[1][:, None] * right
    light[:, people] += rim * (surface.colour[:, people] + np.float32(0.05))


def _contact(stage: Stage, surface: Surface) -> Floats:
    """The dark where feet meet the ground, and the hollow underside of things."""
    open_sky = np.ones_like(surface.t)
    points, normals = surface.points, surface.normals
    for foot in stage.feet:
        x, z = points[0] - np.float32(foot[0]), points[2] - np.float32(foot[2])
        near = np.flatnonzero((x * x + z * z < 4) & ~surface.body)
        here, facing = points[:, near], normals[:, near]
        for height, radius in ((0.10, 0.20), (0.75, 0.30)):
            away = (foot + np.array((0, height, 0))).astype(np.float32)[:, None] - here
            spread = square(away) + np.float32(0.02)
            reach = np.clip(dot(facing, away), 0, None) * np.float32(radius**2) / (spread * np.sqrt(spread))
            open_sky[near] *= 1 - np.clip(reach, 0, 0.85)
    near_ground = np.clip(points[1] * np.float32(2.2) + np.float32(0.45), 0.45, 1)
    return np.asarray(open_sky * np.where(surface.ground, np.float32(1), near_ground), dtype=np.float32)


def _lamps(lamps: list[Lamp], surface: Surface) -> Floats:
    """The sum of small lights (3, n), each a little softer than a point."""
    points, normals = surface.points, surface.normals
    total = np.zeros_like(points)
    own, level = square(points) + np.float32(0.15), dot(normals, points)
    for lamp in lamps:
        at = lamp.position.astype(np.float32)
        # |at − p|² and n · (at − p), each from one product with the matrix of all points.
        distance = own - (2 * at) @ points
        distance += np.float32(at @ at)
        np.maximum(distance, np.float32(0.15), out=distance)
        facing = at @ normals
        facing -= level
        facing *= np.float32(0.85)
        facing /= np.sqrt(distance)
        facing += np.float32(0.15)
        np.maximum(facing, 0, out=facing)
        facing /= distance
        for i in range(3):
            total[i] += facing * lamp.colour[i]
    return total


def _shine(
    stage: Stage, surface: Surface, rays: Floats, toward: Floats, fall: Floats, colour: Floats
) -> None:
    """Adds the key's glint to the colour (3, n) of whatever is glossy."""
    glossy = np.flatnonzero((surface.gloss > 0.02) & ~surface.ground)
    if not glossy.size:
        return
    half = toward[:, glossy] - rays[:, glossy]
    half /= np.sqrt(square(half) + np.float32(1e-6))
    facing = dot(surface.normals[:, glossy], half)
    seen = np.flatnonzero(facing > 0.6)  # what a thirteenth power leaves of less does not show
    glossy = glossy[seen]
    gloss = surface.gloss[glossy]
    spot = np.minimum(facing[seen], 1) ** (12 + 60 * gloss)
    spot *= gloss * np.float32(0.5) * (fall if fall.ndim == 0 else fall[glossy])
    colour[:, glossy] += stage.key.colour[:, None] * spot


def _reflect(
    colour: Floats, surface: Surface, rays: Floats, view: View, hits: Hits, mirror: Floats
) -> Floats:
    """Puddles show the stage mirrored, broken up by ripples and smeared upright."""
    wet = np.flatnonzero(surface.ground & (surface.gloss > 0.08))
    if not wet.size:
        return colour
    width = hits.t.shape[1]
    row, column = np.divmod(surface.index[wet], width)
    x, z = surface.points[0, wet], surface.points[2, wet]
    ripple = sample(noise(31, 0.7), x * np.float32(0.55), z * np.float32(0.55)) - np.float32(0.5)
    jitter = cells(column.astype(np.float32), (row + hits.top).astype(np.float32), 3) - np.float32(0.5)
    rough = 1 - surface.gloss[wet]
    shift_y = ripple * np.float32(0.05) + jitter * rough * np.float32(0.10)
    u = (column + 0.5) / width + ripple * np.float32(0.014)
    v = (row + hits.top + 0.5) / view.height + shift_y
    mh, mw = mirror.shape[1:]
    xi = np.clip((u * mw).astype(np.int32), 0, mw - 1)
    yi = np.clip((v * mh).astype(np.int32), 0, mh - 1)
    grazing = np.clip(1 + rays[1, wet], 0, 1)
    strength = (0.10 + 0.90 * grazing**4) * surface.gloss[wet]
    colour[:, wet] = colour[:, wet] * (1 - 0.6 * strength) + mirror[:, yi, xi] * strength
    return colour


def _mist(stage: Stage, view: View, surface: Surface, rays: Floats, colour: Floats) -> Floats:
    amount = mist_amount(stage, view.origin, surface.points[1], surface.t)
    facing = np.clip(dot(rays, stage.key.toward), 0, 1) ** 5
    veil = stage.air.colour[:, None] + stage.air.glow[:, None] * facing
    return mix(colour, np.asarray(veil, dtype=np.float32), amount)


def mist_amount(stage: Stage, origin: Vector, y: Floats, t: Floats) -> Floats:
    """How much the air hides at distance t and height y: exact for mist that thins exponentially."""
    height = np.float32(stage.air.height)
    start = np.float32(max(float(origin[1]), 0.0))
    rise = np.clip(y - start, -200, 4000)
    rise = np.where(np.abs(rise) < 0.05, np.float32(0.05), rise)
    depth = (np.exp(-start / height) - np.exp(-np.maximum(start + rise, 0) / height)) * height / rise
    return np.asarray(1 - np.exp(-np.float32(stage.air.density) * t * np.clip(depth, 0, 1)), dtype=np.float32)
