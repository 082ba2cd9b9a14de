"""Open country: desert, snow, mountains, sea, field, forest."""

from dataclasses import replace

import numpy as np

from grammar import Scene
from providers.draft.arrays import Floats, Vector, rgb, vector
from providers.draft.blocking import Blocking
from providers.draft.daylight import Hour
from providers.draft.paint import Palette
from providers.draft.solids import Box, Ellipsoid, RoundCone, Solid
from providers.draft.stage import Ground, KeyLight, Stage
from providers.draft.terrain import Relief

SOILS = {
    "desert": (0.56, 0.36, 0.19),
    "snow": (0.72, 0.76, 0.82),
    "mountains": (0.115, 0.115, 0.055),
    "sea": (0.34, 0.28, 0.215),
    "forest": (0.085, 0.06, 0.03),
    "field": (0.20, 0.175, 0.065),
}
EXTENTS = {"desert": 420.0, "snow": 500.0, "mountains": 3600.0, "sea": 260.0, "field": 420.0, "forest": 90.0}
HEIGHTS = {"forest": 14.0, "mountains": 240.0, "snow": 120.0, "sea": 90.0}
MIST = {"desert": 0.11, "snow": 0.7, "mountains": 0.05, "sea": 0.6, "field": 0.35, "forest": 0.45}


def open_country(scene: Scene, now: Hour, blocking: Blocking, palette: Palette, bare: Stage) -> Stage:
    place = scene.place if scene.place in SOILS else "field"
    rng = np.random.default_rng(blocking.world + 5)
    solids: list[Solid] = []
    if place == "forest":
        solids.extend(_trees(rng, palette))
    elif place in ("mountains", "sea", "desert", "field"):
        solids.extend(_stones(rng, palette, place))
    elif place == "snow":
        solids.extend(_fence(rng, palette))
    if "house" in scene.props:
        solids.extend(_house(scene, blocking, palette))
    key = _on_snow(bare.key) if place == "snow" else bare.key
    if place == "desert" and not scene.key.direction:
        key = _raking(key)
    ground = Ground(place, rgb(*SOILS[place]), 0.0, blocking.world % 7)
    bounce = rgb(*SOILS[place]) * bare.key.colour * (0.42 * max(float(bare.key.toward[1]), 0.12))
    air = replace(
        bare.air,
        density=min(bare.air.density, 0.03 if place == "mountains" else 1.0) * MIST[place]
        + (0.016 if place == "forest" else 0.0),
        height=HEIGHTS.get(place, 60.0) * (0.25 if scene.weather == "fog" and place == "mountains" else 1.0),
        colour=bare.air.colour * (0.45 if place == "forest" else 1.0),
        glow=bare.air.glow * (1.6 if place == "forest" else 1.0),
    )
    return replace(
        bare,
        solids=solids,
        ground=ground,
        key=key,
        ground_fill=bare.ground_fill * 0.4 + bounce,
        sky_fill=_sky_fill(place, bare),
        air=air,
        relief=Relief(place, blocking.world % 7, 60.0),
        shade_extent=EXTENTS[place],
        walled=place == "forest",
        gain=bare.gain * _opening(place, scene.time),
        shadow_radius=26.0 if place == "forest" else 9.0,
        shafts=0.42 if place == "forest" else 0.0,
    )


def _opening(place: str, time: str) -> float:
    """How much farther the camera is opened than elsewhere: at night, and less on snow in full daylight."""
    if place == "snow" and time in ("morning", "day", "noon"):
        return 0.56
    return {"night": 2.1, "blue hour": 1.35}.get(time, 1.0)


def _raking(key: KeyLight) -> KeyLight:
    """A low sun moved to the side, so that every dune shows a lit and a shaded face."""
    x, y, z = key.toward
    if y > 0.35:
        return key
    flat, azimuth = float(np.hypot(x, z)), np.radians(46.0) * (1 if x >= 0 else -1)
    return replace(key, toward=vector(flat * np.sin(azimuth), y, flat * np.cos(azimuth)))


def _sky_fill(place: str, bare: Stage) -> Floats:
    """What the sky gives to shadows: little under trees; blue on sand and snow."""
    if place == "desert":
        return np.asarray(bare.sky_fill * 0.45 + bare.sky.zenith * 0.22, dtype=np.float32)
    if place == "snow":
        return np.asarray(bare.sky_fill * 0.55 + bare.sky.zenith * 0.5, dtype=np.float32)
    return bare.sky_fill * np.float32(0.55 if place == "forest" else 1.0)


def _on_snow(key: KeyLight) -> KeyLight:
    """Snow in the sun is near white at any hour: the camera is balanced and opened for it."""
    level = float(key.colour.mean())
    strength = 1.0 + 1.5 * (1 - min(1.0, float(key.toward[1]) / 0.5))
    return replace(key, colour=(key.colour * 0.42 + np.float32(level * 0.58)) * np.float32(strength))


def _trees(rng: np.random.Generator, palette: Palette) -> list[Solid]:
    bark = [palette.add((k, k * 0.85, k * 0.72), texture="bark") for k in (0.055, 0.075, 0.045)]
    leaf = palette.add((0.018, 0.028, 0.012), texture="bark")
    solids: list[Solid] = [Box(vector(0, 20, 66), vector(90, 22, 0.5), 0.0, leaf)]
    for number in range(84):
        z = float(rng.uniform(-16, 58)) if number > 16 else float(rng.uniform(1.5, 14))
        x = float(rng.normal(0, 13))
        clear = 1.9 + (1.4 if z < 0 else 0.0)
        if abs(x) < clear:
            x = float(np.sign(x) or 1) * (clear + abs(x))
        thick = float(rng.uniform(0.12, 0.34))
        tall, tilt = float(rng.uniform(13, 20)), float(rng.normal(0, 0.45))
        paint = bark[number % 3]
        solids.append(
            RoundCone(vector(x, -0.3, z), thick * 1.25, vector(x + tilt, tall, z), thick * 0.5, paint)
        )
        solids.append(RoundCone(vector(x, -0.2, z), thick * 1.9, vector(x, 0.55, z), thick * 1.1, paint))
        if number % 2 == 0:
            up = float(rng.uniform(5, 9))
            out = float(rng.choice((-1, 1))) * float(rng.uniform(1.2, 2.6))
            solids.append(
                RoundCone(vector(x, up, z), thick * 0.35, vector(x + out, up + 1.6, z + 0.4), 0.03, paint)
            )
        if number < 26:
            crown = vector(x + tilt * 0.8, float(rng.uniform(9.5, 13)), z)
            solids.append(
                Ellipsoid(crown, vector(2.6, 1.6, 2.2) * float(rng.uniform(0.8, 1.3)), np.eye(3), leaf)
            )
        if number % 3 == 0:
            bush = vector(x + float(rng.uniform(-1, 1)), 0.05, z + float(rng.uniform(-1, 1)))
            solids.append(
                Ellipsoid(bush, vector(0.9, 0.45, 0.7) * float(rng.uniform(0.5, 1.2)), np.eye(3), leaf)
            )
    return solids


def _house(scene: Scene, blocking: Blocking, palette: Palette) -> list[Solid]:
    """A gabled house in the distance, with a light in a window or two when it is dark."""
    dark = scene.time in ("night", "blue hour", "dawn", "sunset")
    wall = palette.add((0.085, 0.08, 0.075), 0.05, (0.16, 1.3, 0.0) if dark else None, "facade", 3)
    slate = palette.add((0.03, 0.03, 0.034), 0.15)
    x, z, turn = -blocking.side * 7.0, 34.0, 0.35 * blocking.side
    solids: list[Solid] = [Box(vector(x, 1.0, z), vector(5.2, 6.6, 3.4), turn, wall)]
    for k in range(12):
        step = Box(vector(x, 7.75 + 0.3 * k, z), vector(5.6, 0.155, 3.9 * (1 - (k + 0.5) / 12)), turn, slate)
        solids.append(step)
    stack = np.array((np.cos(turn), 0, -np.sin(turn))) * 3.4
    solids.append(Box(vector(x, 11.0, z) + stack, vector(0.5, 1.6, 0.5), turn, wall))
    return solids


def _stones(rng: np.random.Generator, palette: Palette, place: str) -> list[Solid]:
    tone = {"desert": (0.27, 0.17, 0.10), "sea": (0.07, 0.065, 0.062)}.get(place, (0.13, 0.125, 0.115))
    paint = palette.add(tone, texture="stone")
    solids: list[Solid] = []
    for _ in range({"desert": 0, "field": 2, "sea": 5}.get(place, 7)):
        x = float(rng.choice((-1, 1))) * float(rng.uniform(1.9, 6.5))
        z, size = float(rng.uniform(-1.0, 7.5)), float(rng.uniform(0.10, 0.42))
        for _ in range(3):
            radii = vector(*(size * rng.uniform((0.8, 0.35, 0.6), (1.7, 0.75, 1.2))))
            at = vector(
                x + float(rng.normal(0, size * 0.8)), size * 0.1, z + float(rng.normal(0, size * 0.6))
            )
            solids.append(Ellipsoid(at, radii, _tumbled(rng), paint))
            size *= 0.72
    return solids


def _tumbled(rng: np.random.Generator) -> Vector:
    a, b = float(rng.uniform(0, 6)), float(rng.uniform(-0.3, 0.3))
    ca, sa, cb, sb = np.cos(a), np.sin(a), np.cos(b), np.sin(b)
    turn: Vector = np.array(((ca, 0, -sa), (0, 1, 0), (sa, 0, ca)), dtype=np.float64)
    tip: Vector = np.array(((cb, -sb, 0), (sb, cb, 0), (0, 0, 1)), dtype=np.float64)
    tumbled: Vector = turn @ tip
    return tumbled


def _fence(rng: np.random.Generator, palette: Palette) -> list[Solid]:
    """A few posts and a bench, half under the snow: something for the eye to measure by."""
    wood = palette.add((0.085, 0.06, 0.045), texture="bark")
    side = float(rng.choice((-1, 1)))
    solids: list[Solid] = []
    for k in range(9):
        x, z = side * (4.4 + 0.35 * k), 1.5 + 3.1 * k
        lean = float(rng.normal(0, 0.05))
        solids.append(RoundCone(vector(x, -0.2, z), 0.06, vector(x + lean, 0.95, z), 0.05, wood))
    solids.append(Box(vector(-side * 3.4, 0.28, 2.2), vector(0.9, 0.05, 0.22), 0.3 * side, wood))
    solids.append(Box(vector(-side * 3.4, 0.13, 2.2), vector(0.75, 0.13, 0.05), 0.3 * side, wood))
    return solids
