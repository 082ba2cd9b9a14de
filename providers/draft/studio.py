"""A studio cove: grey floor melting into a backdrop, one big key."""

from dataclasses import replace

from grammar import Scene
from providers.draft.arrays import rgb, vector
from providers.draft.blocking import Blocking
from providers.draft.daylight import Hour, kelvin_rgb, key_toward
from providers.draft.paint import Palette
from providers.draft.solids import Box
from providers.draft.stage import Air, Ground, KeyLight, Stage


def studio(scene: Scene, now: Hour, blocking: Blocking, palette: Palette, bare: Stage) -> Stage:
    tint = kelvin_rgb(scene.key.kelvin or 4600)
    back = scene.key.direction == "back"
    low = 0.5 if scene.key.low_key else 1.0
    backdrop = palette.add((0.17, 0.165, 0.16), texture="cloth")
    wall = Box(vector(0, 5, 6.5), vector(14, 6, 0.2), 0.0, backdrop)
    toward = key_toward(scene.key, 38.0, blocking.light_side)
    if not scene.key.direction:
        toward = vector(blocking.light_side * 0.78, 0.58, -0.22)
    return replace(
        bare,
        solids=[wall],
        ground=Ground("plain", rgb(0.15, 0.145, 0.14)),
        key=KeyLight(toward, tint * 1.9, 0.10 if scene.key.hard else 0.35),
        sky_fill=rgb(0.10, 0.115, 0.14) * low,
        ground_fill=rgb(0.05, 0.045, 0.04) * low,
        rim=(rgb(0.9, 0.95, 1.05) * (1.0 if back else 0.3), rgb(0.9, 0.95, 1.05)),
        air=Air(rgb(0.05, 0.05, 0.055), 0.004 + 0.05 * scene.haze),
        indoors=True,
    )
