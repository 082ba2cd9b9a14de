"""A room with tall windows: light falls in, hangs in the air, leaves the corners dark."""

from dataclasses import replace

import numpy as np

from grammar import Scene
from providers.draft.arrays import Vector, rgb, unit, vector
from providers.draft.blocking import Blocking
from providers.draft.daylight import Hour, kelvin_rgb
from providers.draft.paint import Palette
from providers.draft.solids import Box, Ellipsoid, RoundCone, Solid
from providers.draft.stage import Air, Ground, KeyLight, Lamp, Stage

WALL, BACK, CEILING = 2.15, 3.1, 3.3
HOLE = (0.15, 2.75)
BOOKS = (
    (0.16, 0.05, 0.035),
    (0.05, 0.07, 0.06),
    (0.17, 0.12, 0.06),
    (0.045, 0.05, 0.08),
    (0.10, 0.085, 0.07),
)


def interior(scene: Scene, now: Hour, blocking: Blocking, palette: Palette, bare: Stage) -> Stage:
    rng = np.random.default_rng(blocking.world + 29)
    side = {"left": -1.0, "right": 1.0}.get(scene.key.direction, blocking.light_side)
    night = scene.time in ("night", "blue hour")
    back = scene.key.direction == "back"
    solids = _shell(side, back, palette)
    solids += _panes(side, back, palette, now, night) + _shelves(-side, rng, palette) + _panelling(palette)
    if _wants_table(scene):
        solids += _table(scene, side, rng, palette)
    lamps = [
        Lamp(vector(side * (WALL - 0.5), 1.9, 0.6), rgb(*now.horizon) * (1.0 if not night else 1.6), 0.0)
    ]
    if night or {"lamp", "candle"} & set(scene.practicals):
        fittings, lights = _lamp(scene, side, palette)
        solids += fittings
        lamps += lights
    low = 0.5 if scene.key.low_key else 1.0
    return replace(
        bare,
        solids=solids,
        lamps=lamps,
        ground=Ground("boards", rgb(0.12, 0.075, 0.042), 0.0, 0),
        key=_key(scene, now, side, back, night),
        sky_fill=rgb(0.055, 0.058, 0.066) * low + rgb(*now.horizon) * (0.05 * low),
        ground_fill=rgb(0.10, 0.075, 0.05) * (low * (0.25 if night else 0.9)),
        rim=(rgb(*now.sun) * 0.25 + 0.1, rgb(*now.sun) * 0.25 + 0.1),
        air=Air(rgb(0.035, 0.033, 0.032) * low, 0.012 + 0.05 * scene.haze, 30.0),
        shadow_radius=5.2,
        walled=True,
        gain=1.0 if scene.key.low_key or night else 1.2,
        shafts=0.55 + 1.2 * scene.haze,
        sky=replace(bare.sky, clouds=min(bare.sky.clouds, 0.3)),
    )


def _key(scene: Scene, now: Hour, side: float, back: bool, night: bool) -> KeyLight:
    """Sun through the window, or the moon; always low enough to reach the subject."""
    toward = unit(vector(side * 0.25, 0.40, 0.9)) if back else unit(vector(side * 0.82, 0.42, 0.62))
    colour = rgb(*now.sun)
    if scene.time in ("day", "morning", "noon"):
        colour = rgb(2.7, 2.0, 1.25)
    if scene.weather != "clear" and not night:
        colour = colour * 0.6 + rgb(0.25, 0.27, 0.30)
    if scene.key.kelvin:
        colour = kelvin_rgb(scene.key.kelvin) * (float(colour.mean()) * 1.1)
    return KeyLight(toward, colour * (1.5 if not night else 2.6), 0.05 if scene.key.hard else 0.2)


def _shell(side: float, back: bool, palette: Palette) -> list[Solid]:
    """Walls with an opening in the window wall (or in the back wall), and a ceiling."""
    plaster = palette.add((0.25, 0.215, 0.175), texture="plaster")
    ceiling = palette.add((0.20, 0.19, 0.175), texture="plaster")
    long = 9.0
    solids: list[Solid] = [
        Box(vector(0, CEILING + 0.1, BACK - long), vector(WALL + 1, 0.1, long + 1), 0.0, ceiling),
        Box(
            vector(-side * (WALL + 0.1), CEILING / 2, BACK - long),
            vector(0.1, CEILING / 2, long),
            0.0,
            plaster,
        ),
    ]
    if back:
        solids.append(
            Box(
                vector(side * (WALL + 0.1), CEILING / 2, BACK - long),
                vector(0.1, CEILING / 2, long),
                0.0,
                plaster,
            )
        )
        x0, x1 = sorted((side * 0.1, side * 1.95))
        solids += _wall_with_hole("z", BACK + 0.1, (-WALL - 0.2, WALL + 0.2), (x0, x1), plaster)
    else:
        solids += _wall_with_hole("z", BACK + 0.1, (-WALL - 0.2, WALL + 0.2), _second_window(side), plaster)
        solids += _wall_with_hole("x", side * (WALL + 0.1), (BACK - 2 * long, BACK), HOLE, plaster)
    return solids


def _second_window(side: float) -> tuple[float, float]:
    """The window in the back wall, on the side of the key: the picture shows where its light comes from."""
    low, high = sorted((side * 0.55, side * 1.95))
    return low, high


def _wall_with_hole(
    axis: str, at: float, wall: tuple[float, float], hole: tuple[float, float], paint: int
) -> list[Solid]:
    low, high = 0.75, 2.85
    parts = (
        ((wall[0], hole[0]), (0.0, CEILING)),
        ((hole[1], wall[1]), (0.0, CEILING)),
        (hole, (0.0, low)),
        (hole, (high, CEILING)),
    )
    return [_slab(axis, at, along, up, 0.1, paint) for along, up in parts if along[1] > along[0]]


def _slab(
    axis: str, at: float, along: tuple[float, float], up: tuple[float, float], thick: float, paint: int
) -> Box:
    middle, half = sum(along) / 2, (along[1] - along[0]) / 2
    y, tall = sum(up) / 2, (up[1] - up[0]) / 2
    if axis == "x":
        return Box(vector(at, y, middle), vector(thick, tall, half), 0.0, paint)
    return Box(vector(middle, y, at), vector(half, tall, thick), 0.0, paint)


def _panes(side: float, back: bool, palette: Palette, now: Hour, night: bool) -> list[Solid]:
    """Glazing bars, sill and curtains."""
    frame = palette.add((0.13, 0.12, 0.11), 0.1)
    second = [] if back else _bars("z", BACK + 0.1, _second_window(side), frame)
    cloth = palette.add((0.17, 0.10, 0.07), texture="cloth", cloth=True)
    axis, at = ("z", BACK + 0.1) if back else ("x", side * (WALL + 0.1))
    low, high = sorted((side * 0.1, side * 1.95)) if back else HOLE
    solids: list[Solid] = [*second, *_bars(axis, at, (low, high), frame)]
    solids.append(
        _slab(axis, at - (0.08 if back else side * 0.08), (low - 0.1, high + 0.1), (0.68, 0.74), 0.16, frame)
    )
    inside = at - (0.2 if back else side * 0.2)
    for edge, out in ((low, -1), (high, 1)):
        for k in range(4):
            x = edge + out * (0.06 + 0.085 * k)
            a, b = (
                (vector(x, 3.05, inside), vector(x, 0.12, inside))
                if back
                else (vector(inside, 3.05, x), vector(inside, 0.12, x))
            )
            solids.append(RoundCone(a, 0.045, b, 0.06, cloth))
    return solids


def _bars(axis: str, at: float, hole: tuple[float, float], frame: int) -> list[Solid]:
    """Three panes by three."""
    low, high = hole
    across = [low + (high - low) * k / 3 for k in range(4)]
    upright = [_slab(axis, at, (x - 0.028, x + 0.028), (0.75, 2.85), 0.04, frame) for x in across]
    rails = [0.75 + 2.1 * k / 3 for k in range(4)]
    return [*upright, *(_slab(axis, at, hole, (y - 0.024, y + 0.024), 0.038, frame) for y in rails)]


def _shelves(side: float, rng: np.random.Generator, palette: Palette) -> list[Solid]:
    """Bookshelves along the back wall, on the side away from the window."""
    wood = palette.add((0.075, 0.048, 0.03), 0.12, texture="bark")
    backs = [palette.add(colour, 0.1) for colour in BOOKS]
    left, right = sorted((side * 0.62, side * 2.1))
    solids: list[Solid] = [
        Box(vector((left + right) / 2, 1.2, BACK - 0.04), vector((right - left) / 2, 1.2, 0.02), 0.0, wood)
    ]
    for x in (left, right):
        solids.append(Box(vector(x, 1.2, BACK - 0.2), vector(0.03, 1.2, 0.17), 0.0, wood))
    for y in (0.35, 0.85, 1.35, 1.85, 2.38):
        solids.append(
            Box(vector((left + right) / 2, y, BACK - 0.2), vector((right - left) / 2, 0.02, 0.17), 0.0, wood)
        )
        x = left + 0.08
        while y < 2 and x < right - 0.12:
            thick, tall = float(rng.uniform(0.04, 0.12)), float(rng.uniform(0.26, 0.40))
            if rng.random() < 0.86:
                solids.append(
                    Box(
                        vector(x + thick / 2, y + tall / 2, BACK - 0.19),
                        vector(thick / 2 - 0.003, tall / 2, 0.11),
                        0.0,
                        backs[int(rng.integers(0, 5))],
                    )
                )
            x += thick
    return solids


def _panelling(palette: Palette) -> list[Solid]:
    wood = palette.add((0.11, 0.075, 0.05), 0.08, texture="bark")
    gold = palette.add((0.30, 0.20, 0.08), 0.4)
    canvas = palette.add((0.06, 0.065, 0.06), texture="plaster")
    skirting: list[Solid] = [Box(vector(0, 0.09, BACK - 0.01), vector(WALL, 0.09, 0.015), 0.0, wood)]
    skirting.append(Box(vector(0, 0.98, BACK - 0.01), vector(WALL, 0.03, 0.02), 0.0, wood))
    skirting.append(Box(vector(0.05, 1.85, BACK - 0.02), vector(0.44, 0.56, 0.03), 0.0, gold))
    skirting.append(Box(vector(0.05, 1.85, BACK - 0.04), vector(0.37, 0.49, 0.03), 0.0, canvas))
    return skirting


def _wants_table(scene: Scene) -> bool:
    if scene.camera.angle in ("low angle", "worm's-eye"):
        return False
    return bool({"table", "flask", "book", "letter", "brass"} & set(scene.props)) or not scene.subjects


def _table(scene: Scene, side: float, rng: np.random.Generator, palette: Palette) -> list[Solid]:
    """A table between camera and subject, and what lies on it."""
    wood = palette.add((0.13, 0.085, 0.05), 0.25, texture="bark")
    z, y = (-0.66, 0.99) if scene.camera.shot == "medium" else (-0.72, 0.88)
    solids: list[Solid] = [Box(vector(0, y, z), vector(1.25, 0.03, 0.36), 0.0, wood)]
    for dx in (-1.15, 1.15):
        for dz in (-0.28, 0.28):
            solids.append(Box(vector(dx, y / 2, z + dz), vector(0.04, y / 2, 0.04), 0.0, wood))
    glass = [palette.add(c, 0.9) for c in ((0.05, 0.12, 0.08), (0.13, 0.07, 0.025), (0.05, 0.08, 0.11))]
    for k, x in enumerate((-1.0, -0.72, 0.62, 0.84, 1.06)):
        size = float(rng.uniform(0.05, 0.085))
        base = vector(x, y + 0.03, z + float(rng.uniform(-0.16, 0.16)))
        solids.append(
            RoundCone(base + (0, size, 0), size, base + (0, size * 2.9, 0), size * 0.26, glass[k % 3])
        )
        solids.append(
            RoundCone(
                base + (0, size * 2.9, 0), size * 0.26, base + (0, size * 3.7, 0), size * 0.3, glass[k % 3]
            )
        )
    if "brass" in scene.props:
        solids += _brass(vector(-side * 0.42, y + 0.03, z + 0.08), palette)
    paper = palette.add((0.5, 0.47, 0.40))
    solids.append(Box(vector(side * 0.28, y + 0.04, z - 0.05), vector(0.15, 0.006, 0.105), 0.35, paper))
    return solids


def _brass(foot: Vector, palette: Palette) -> list[Solid]:
    """A microscope: foot, pillar, leaning tube."""
    brass = palette.add((0.42, 0.25, 0.07), 0.75)
    return [
        RoundCone(foot, 0.075, foot + (0, 0.02, 0), 0.06, brass),
        RoundCone(foot, 0.016, foot + (0, 0.2, 0), 0.014, brass),
        RoundCone(foot + (0.05, 0.1, 0), 0.018, foot + (-0.06, 0.34, 0), 0.027, brass),
        RoundCone(foot + (-0.055, 0.33, 0), 0.03, foot + (-0.065, 0.36, 0), 0.024, brass),
    ]


def _lamp(scene: Scene, side: float, palette: Palette) -> tuple[list[Solid], list[Lamp]]:
    """A shaded lamp, or candles, on the dark side of the room."""
    warm = kelvin_rgb(2000 if "candle" in scene.practicals else 2700)
    shade = palette.add((0.4, 0.3, 0.2), 0.0, tuple(float(v) for v in warm * 0.9))  # type: ignore[arg-type]
    brass = palette.add((0.12, 0.085, 0.04), 0.5)
    if "candle" in scene.practicals:
        flame = palette.add((0.4, 0.3, 0.2), 0.0, tuple(float(v) for v in warm * 3.5))  # type: ignore[arg-type]
        wax = palette.add((0.5, 0.45, 0.36))
        spots = [
            vector(-side * 0.45, 0.91, -0.62),
            vector(-side * 0.62, 0.91, -0.78),
            vector(side * 0.2, 0.91, -0.85),
        ]
        solids: list[Solid] = [RoundCone(p, 0.022, p + (0, 0.17, 0), 0.02, wax) for p in spots]
        solids += [RoundCone(p + (0, 0.205, 0), 0.011, p + (0, 0.235, 0), 0.003, flame) for p in spots]
        solids.append(
            Box(
                vector(0, 0.86, -0.72),
                vector(1.25, 0.03, 0.36),
                0.0,
                palette.add((0.13, 0.085, 0.05), 0.25, texture="bark"),
            )
        )
        return solids, [
            Lamp(spots[0] + (0, 0.3, 0), warm * 0.62, 0.6),
            Lamp(spots[2] + (0, 0.3, 0), warm * 0.3, 0.4),
        ]
    foot = vector(-side * 1.75, 0.0, 1.5)
    stand: list[Solid] = [
        RoundCone(foot, 0.16, foot + (0, 0.03, 0), 0.12, brass),
        RoundCone(foot, 0.018, foot + (0, 1.5, 0), 0.015, brass),
        RoundCone(foot + (0, 1.48, 0), 0.21, foot + (0, 1.70, 0), 0.13, shade),
        Ellipsoid(foot + (0, 1.36, 0), vector(0.15, 0.03, 0.15), np.eye(3), shade),
    ]
    return stand, [Lamp(foot + (side * 0.05, 1.55, -0.35), warm * 3.4, 0.8)]
