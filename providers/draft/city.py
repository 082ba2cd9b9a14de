"""A city street running away from the camera: houses, shop fronts, lamps, signs, parked cars."""

from dataclasses import replace

import numpy as np

from grammar import Scene
from providers.draft.arrays import rgb, vector
from providers.draft.blocking import Blocking
from providers.draft.daylight import Hour
from providers.draft.paint import Palette
from providers.draft.solids import Box, Ellipsoid, RoundCone, Solid
from providers.draft.stage import Ground, Lamp, Stage

STONES = ((0.20, 0.17, 0.15), (0.16, 0.16, 0.17), (0.24, 0.19, 0.15), (0.13, 0.11, 0.11))
NEONS = (
    (2.6, 0.16, 0.42),
    (0.12, 1.5, 1.9),
    (2.4, 0.75, 0.10),
    (0.55, 0.2, 2.4),
    (0.2, 2.0, 0.7),
    (2.6, 0.25, 0.12),
)


def city(scene: Scene, now: Hour, blocking: Blocking, palette: Palette, bare: Stage) -> Stage:
    rng = np.random.default_rng(blocking.world + 17)
    night = scene.time in ("night", "blue hour")
    lit = {"night": (0.36, 0.95, 0.62), "blue hour": (0.42, 0.6, 0.6)}.get(scene.time, (0.06, 0.25, 0.2))
    solids: list[Solid] = []
    lamps: list[Lamp] = []
    for side in (-1, 1):
        solids.extend(_houses(side, rng, palette, lit))
        posts, lights = _street_lamps(side, palette, night, scene)
        solids.extend(posts)
        lamps.extend(lights)
    if night and "neon" not in scene.without and ("neon" in scene.practicals or not scene.practicals):
        signs, lights = _signs(rng, palette, 1.0 if "neon" in scene.practicals else 0.55)
        solids.extend(signs)
        lamps.extend(lights)
    if "car" not in scene.without:
        solids.extend(_cars(rng, palette, night))
    wet = 1.0 if scene.wet else 0.0
    if night:
        # A street at night lights a face from whatever stands nearest: a shop on one side, a sign behind.
        lamps.append(Lamp(vector(-blocking.side * 2.3, 2.5, -1.9), rgb(1.0, 0.66, 0.40) * 1.5, 0.0))
    edges = (rgb(1.5, 0.28, 0.55), rgb(0.22, 0.95, 1.2)) if night else bare.rim
    fill = bare.sky_fill + (rgb(0.030, 0.034, 0.055) if night else rgb(0, 0, 0))
    return replace(
        bare,
        solids=solids,
        lamps=lamps,
        ground=Ground("street", rgb(0.055, 0.055, 0.06), wet, blocking.world % 5),
        sky_fill=fill,
        rim=edges,
        air=replace(
            bare.air,
            density=bare.air.density * (1.0 if night else 0.4),
            colour=bare.air.colour + (rgb(0.022, 0.024, 0.040) if night else rgb(0, 0, 0)),
        ),
        shadow_radius=16.0,
        gain=bare.gain * (1.0 if night else 1.25),
    )


def _houses(
    side: int, rng: np.random.Generator, palette: Palette, lit: tuple[float, float, float]
) -> list[Solid]:
    houses: list[Solid] = []
    z = -26.0
    while z < 190:
        depth = float(rng.uniform(9, 17))
        height = float(rng.uniform(13, 34)) * (1 + max(z, 0) / 130)
        set_back = float(rng.uniform(0, 0.7))
        paint = palette.add(
            STONES[int(rng.integers(0, len(STONES)))], 0.05, lit, "facade", int(rng.integers(0, 900))
        )
        centre = vector(side * (8.2 + set_back + 6), height / 2, z + depth / 2)
        houses.append(Box(centre, vector(6, height / 2, depth / 2 - 0.03), 0.0, paint))
        trim = palette.add((0.10, 0.09, 0.085))
        houses.append(
            Box(
                vector(side * (8.2 + set_back + 5.75), height, z + depth / 2),
                vector(6, 0.35, depth / 2),
                0.0,
                trim,
            )
        )
        if rng.random() < 0.55:
            awning = palette.add(
                (0.12, 0.035, 0.03) if rng.random() < 0.5 else (0.03, 0.06, 0.05), cloth=True
            )
            houses.append(
                Box(
                    vector(side * (7.75 + set_back), 3.35, z + depth / 2),
                    vector(0.75, 0.07, depth / 2 - 1.6),
                    0.0,
                    awning,
                )
            )
        z += depth
    return houses


def _street_lamps(side: int, palette: Palette, night: bool, scene: Scene) -> tuple[list[Solid], list[Lamp]]:
    iron = palette.add((0.03, 0.03, 0.032), 0.2)
    warm = (3.4, 2.1, 1.0)
    bulb = palette.add((0.3, 0.28, 0.25), 0.1, warm if night else None)
    solids: list[Solid] = []
    lamps: list[Lamp] = []
    for number, z in enumerate((3.5, 21.0, 40.0, 62.0, 90.0)):
        z += 8.0 if side > 0 else 0.0
        x = side * 5.2
        solids.append(RoundCone(vector(x, 0, z), 0.085, vector(x, 5.2, z), 0.05, iron))
        solids.append(RoundCone(vector(x, 5.2, z), 0.045, vector(x - side * 0.9, 5.45, z), 0.04, iron))
        solids.append(Ellipsoid(vector(x - side * 1.0, 5.38, z), vector(0.26, 0.09, 0.15), np.eye(3), bulb))
        if night and number < 3:
            lamps.append(Lamp(vector(x - side * 1.0, 5.2, z), rgb(*warm) * 2.6, 0.8))
    return solids, lamps


def _signs(rng: np.random.Generator, palette: Palette, strength: float) -> tuple[list[Solid], list[Lamp]]:
    solids: list[Solid] = []
    lamps: list[Lamp] = []
    order = rng.permutation(len(NEONS))
    for number in range(9):
        side = -1 if number % 2 else 1
        colour = NEONS[int(order[number % len(NEONS)])]
        z = 4.5 + number * 5.6 + float(rng.uniform(-1.5, 1.5))
        tall = float(rng.uniform(1.2, 2.6))
        y = 3.9 + tall + float(rng.uniform(0, 2.0))
        paint = palette.add(
            (0.02, 0.02, 0.02),
            0.1,
            (colour[0] * strength, colour[1] * strength, colour[2] * strength),
            "sign",
            number,
        )
        solids.append(Box(vector(side * 7.2, y, z), vector(0.52, tall, 0.09), 0.0, paint))
        if number < 5:
            lamps.append(Lamp(vector(side * 6.3, y - 0.4, z - 0.5), rgb(*colour) * (5.0 * strength), 0.8))
    return solids, lamps


def _cars(rng: np.random.Generator, palette: Palette, night: bool) -> list[Solid]:
    """Parked along both kerbs; at night their tail lights are on."""
    solids: list[Solid] = []
    tyre = palette.add((0.012, 0.012, 0.012))
    glass = palette.add((0.012, 0.014, 0.018), 0.9)
    tail = palette.add((0.12, 0.01, 0.01), 0.3, (1.6, 0.06, 0.04) if night else None)
    for side, z in ((1, 9.5), (1, 15.6), (-1, 13.0), (-1, 27.0), (1, 34.0)):
        body = palette.add(
            ((0.04, 0.04, 0.045), (0.11, 0.016, 0.016), (0.025, 0.04, 0.07))[int(rng.integers(0, 3))], 0.6
        )
        x = side * 3.7
        solids.append(Box(vector(x, 0.62, z), vector(0.86, 0.27, 2.05), 0.0, body))
        solids.append(Box(vector(x, 1.10, z + 0.1), vector(0.70, 0.24, 1.0), 0.0, glass))
        solids.append(Box(vector(x, 1.36, z + 0.1), vector(0.68, 0.035, 0.92), 0.0, body))
        for end in (-2.02, 2.02):
            solids.append(
                RoundCone(
                    vector(x - 0.72, 0.60, z + end), 0.22, vector(x + 0.72, 0.60, z + end), 0.22, body, 50
                )
            )
        for dz in (-0.82, 0.95):
            solids.append(
                RoundCone(
                    vector(x - 0.6, 1.02, z + dz + 0.1),
                    0.27,
                    vector(x + 0.6, 1.02, z + dz + 0.1),
                    0.27,
                    glass,
                    51,
                )
            )
        for dx in (-0.78, 0.78):
            for dz in (-1.3, 1.3):
                solids.append(
                    Ellipsoid(vector(x + dx, 0.33, z + dz), vector(0.12, 0.33, 0.33), np.eye(3), tyre)
                )
            solids.append(Box(vector(x + dx * 0.82, 0.68, z - 2.22), vector(0.17, 0.05, 0.03), 0.0, tail))
    return solids
