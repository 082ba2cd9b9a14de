"""A studio cove: grey floor melting into a backdrop, one big key."""

from dataclasses import replace

from grammar import Scene
from providers.draft.arrays import Floats, rgb, vector
from providers.draft.blocking import Blocking
from providers.draft.daylight import Hour, kelvin_rgb, key_toward
from providers.draft.paint import Palette
from providers.draft.solids import Box
from providers.draft.stage import Air, Ground, KeyLight, Lamp, Stage


def studio(scene: Scene, now: Hour, blocking: Blocking, palette: Palette, bare: Stage) -> Stage:
    tint = kelvin_rgb(scene.key.kelvin or 4600)
    back = scene.key.direction == "back"
    low = 0.5 if scene.key.low_key else 1.0
    backdrop = palette.add((0.17, 0.165, 0.16), texture="cloth")
    wall = Box(vector(0, 5, 6.5), vector(14, 6, 0.2), 0.0, backdrop)
    lamps = [
        # A kicker from behind and a breath of fill from the camera; the rest is the backdrop's falling light.
        Lamp(
            vector(-blocking.light_side * 1.5, 2.3, 1.3), rgb(0.85, 0.92, 1.0) * (3.2 if back else 1.5), 0.0
        ),
        Lamp(vector(-blocking.light_side * 1.2, 1.6, -2.6), tint * (0.45 * low + 0.25), 0.0),
        Lamp(vector(blocking.light_side * 1.6, 1.2, 5.2), tint * 1.6, 0.0),
    ]
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
        rim=_edges(blocking.light_side, back),
        lamps=lamps,
        air=Air(rgb(0.05, 0.05, 0.055), 0.004 + 0.05 * scene.haze),
        gain=1.0,
    )


def _edges(light_side: float, back: bool) -> tuple[Floats, Floats]:
    """Rims from the left and from the right: strong opposite the key, or on both sides when backlit."""
    strong, weak = rgb(1.8, 1.9, 2.1), rgb(0.35, 0.36, 0.4)
    if back:
        return strong, strong
    return (strong, weak) if light_side > 0 else (weak, strong)
