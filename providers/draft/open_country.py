"""Open country: the bare ground under a wide sky."""

from dataclasses import replace

from grammar import Scene
from providers.draft.arrays import rgb
from providers.draft.blocking import Blocking
from providers.draft.daylight import Hour
from providers.draft.paint import Palette
from providers.draft.stage import Ground, Stage

SOILS = {
    "desert": (0.52, 0.34, 0.18),
    "snow": (0.78, 0.80, 0.84),
    "mountains": (0.20, 0.19, 0.16),
    "sea": (0.36, 0.31, 0.25),
    "forest": (0.10, 0.085, 0.05),
    "field": (0.19, 0.20, 0.08),
}


def open_country(scene: Scene, now: Hour, blocking: Blocking, palette: Palette, bare: Stage) -> Stage:
    soil = SOILS.get(scene.place, SOILS["field"])
    return replace(
        bare, ground=Ground(scene.place, rgb(*soil), 0.6 if scene.wet else 0.0, blocking.world % 7)
    )
