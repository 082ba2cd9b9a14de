"""What a figure holds or carries."""

from dataclasses import dataclass, replace

import numpy as np

from grammar.words import SHOT_SIZES
from providers.draft.arrays import Vector, rgb, unit, vector
from providers.draft.camera import AIM_HEIGHTS
from providers.draft.figures import BUILDS
from providers.draft.likeness import Colour
from providers.draft.paint import Palette
from providers.draft.poses import POSES
from providers.draft.script import Script, Thing
from providers.draft.sculptor import Placing, Sculptor
from providers.draft.solids import CAST, Box, Solid
from providers.draft.stage import Lamp


@dataclass(frozen=True, slots=True)
class InHand:
    """A prop of SHAPES; with `colours` (main, second) it is painted like its photo."""

    prop: str
    colours: tuple[Colour, Colour] | None = None


def in_hands(script: Script, index: int) -> list[InHand]:
    """What one of the cast holds: elements first, and for the first of the cast what the prompt names."""
    own = [InHand(_shape(one), one.colours) for one in script.things if one.holder == index]
    taken = {one.prop for one in own}
    named = script.scene.props if index == 0 else ()
    return own + [InHand(prop) for prop in named if prop in SHAPES and prop not in taken]


def _shape(one: Thing) -> str:
    return one.prop if one.prop in SHAPES else "canister"


def held(
    things: list[InHand], pose_name: str, build: str, placing: Placing, palette: Palette, body: int
) -> list[Solid]:
    """Solids of what one figure holds: the first thing in the right hand, the next in the left."""
    pose = POSES[pose_name][placing.variant % len(POSES[pose_name])]
    sculptor = Sculptor(placing, BUILDS[build][0], body)
    hands = [_palm(pose.elbows[i], pose.wrists[i]) for i in (0, 1)]
    for one, hand in zip(things, hands, strict=False):
        _make(one, sculptor, hand, palette)
    return sculptor.solids


def on_plinth(one: Thing, shot: str, palette: Palette) -> list[Solid]:
    """A thing by itself where the cast would stand, as high as the camera aims and as large as fits."""
    size = min(max(SHOT_SIZES[shot] * 1.6, 0.8), 3.0)
    top = max(AIM_HEIGHTS[shot] - 0.1 * size, 0.12)
    sculptor = Sculptor(Placing(vector(0, top, 0), 0.4), size, CAST)
    _make(InHand(_shape(one), one.colours), sculptor, vector(0, 0.01, 0), palette)
    stone = palette.add((0.20, 0.195, 0.19), 0.05, texture="stone")
    return [*sculptor.solids, Box(vector(0, top / 2, 0), vector(0.2 * size, top / 2, 0.2 * size), 0.4, stone)]


def _make(one: InHand, s: Sculptor, hand: Vector, palette: Palette) -> None:
    first = len(palette.paints)
    SHAPES[one.prop](s, hand, palette)
    if one.colours is None:
        return
    for number in range(first, len(palette.paints)):
        colour = one.colours[min(number - first, 1)]
        palette.paints[number] = replace(palette.paints[number], colour=rgb(*colour))


def lantern_light(props: tuple[str, ...], placing: Placing) -> list[Lamp]:
    if "lantern" not in props:
        return []
    return [
        Lamp(
            placing.at + (0.2 * np.cos(placing.yaw), 0.95, 0.45 * np.cos(placing.yaw)),
            rgb(1.9, 1.0, 0.36),
            1.2,
        )
    ]


def _palm(elbow: tuple[float, float, float], wrist: tuple[float, float, float]) -> Vector:
    return np.array(wrist) + unit(np.array(wrist) - np.array(elbow)) * 0.085


def _flask(s: Sculptor, hand: Vector, palette: Palette) -> None:
    glass = palette.add((0.16, 0.26, 0.20), 0.9, (0.03, 0.06, 0.045))
    base = hand + (0, 0.01, 0.035)
    s.cone(base + (0, 0.125, 0), 0.017, base, 0.056, glass, True)
    s.cone(base + (0, 0.125, 0), 0.016, base + (0, 0.185, 0), 0.015, glass)
    s.cone(base + (0, 0.188, 0), 0.02, base + (0, 0.192, 0), 0.02, glass)


def _key(s: Sculptor, hand: Vector, palette: Palette) -> None:
    brass = palette.add((0.5, 0.3, 0.08), 0.8)
    s.ball(hand + (0, 0.03, 0.02), (0.024, 0.024, 0.007), brass)
    s.cone(hand + (0, 0.05, 0.02), 0.007, hand + (0, 0.15, 0.02), 0.006, brass)
    for up in (0.125, 0.145):
        s.cone(hand + (0, up, 0.02), 0.006, hand + (0.028, up, 0.02), 0.006, brass)


def _umbrella(s: Sculptor, hand: Vector, palette: Palette) -> None:
    cloth = palette.add((0.022, 0.022, 0.026), 0.35, cloth=True)
    steel = palette.add((0.10, 0.10, 0.11), 0.4)
    top = np.array((hand[0] + 0.16, 2.12, hand[2] * 0.55))
    s.cone(hand - (0, 0.1, 0), 0.012, top, 0.009, steel)
    s.cone(top + (0, 0.02, 0), 0.05, top - (0, 0.20, 0), 0.58, cloth, True)


def _lantern(s: Sculptor, hand: Vector, palette: Palette) -> None:
    glow = palette.add((0.4, 0.3, 0.2), 0.0, (5.0, 2.7, 1.0))
    iron = palette.add((0.03, 0.03, 0.03), 0.3)
    low = hand - (0, 0.26, 0)
    s.cone(hand, 0.006, low + (0, 0.13, 0), 0.006, iron)
    s.cone(low + (0, 0.02, 0), 0.045, low + (0, 0.08, 0), 0.042, glow)
    s.cone(low + (0, 0.12, 0), 0.05, low + (0, 0.15, 0), 0.018, iron)
    s.cone(low - (0, 0.035, 0), 0.05, low - (0, 0.05, 0), 0.05, iron)


def _cigarette(s: Sculptor, hand: Vector, palette: Palette) -> None:
    s.cone(hand, 0.005, hand + (0, 0.012, 0.075), 0.005, palette.add((0.6, 0.58, 0.54)))
    s.cone(
        hand + (0, 0.012, 0.078),
        0.0055,
        hand + (0, 0.013, 0.084),
        0.005,
        palette.add((0.3, 0.1, 0.05), 0.0, (3.5, 1.0, 0.2)),
    )


def _book(s: Sculptor, hand: Vector, palette: Palette) -> None:
    cover = palette.add((0.13, 0.035, 0.025), 0.15)
    s.box(hand + (-0.02, 0.05, 0.035), (0.075, 0.105, 0.016), cover)
    s.box(hand + (-0.024, 0.05, 0.035), (0.074, 0.100, 0.012), palette.add((0.5, 0.47, 0.4)))


def _letter(s: Sculptor, hand: Vector, palette: Palette) -> None:
    """A written sheet, held upright before the chest."""
    paper = palette.add((0.56, 0.52, 0.44), texture="writing")
    s.box(hand + (-0.045, 0.075, 0.028), (0.085, 0.12, 0.0016), paper)


def _suitcase(s: Sculptor, hand: Vector, palette: Palette) -> None:
    leather = palette.add((0.09, 0.05, 0.03), 0.3)
    for dy in (-0.14, -0.24, -0.34):
        s.cone(hand + (0, dy, -0.2), 0.075, hand + (0, dy, 0.2), 0.075, leather)


def _staff(s: Sculptor, hand: Vector, palette: Palette) -> None:
    wood = palette.add((0.08, 0.05, 0.03), 0.15)
    s.cone((hand[0] * 1.05, 0.02, hand[2] + 0.03), 0.016, (hand[0], hand[1] + 0.42, hand[2]), 0.02, wood)


def _canister(s: Sculptor, hand: Vector, palette: Palette) -> None:
    """A product of no particular kind: a body, a label round it, a cap."""
    body = palette.add((0.3, 0.3, 0.3), 0.4)
    mark = palette.add((0.1, 0.1, 0.1), 0.2)
    base = hand + (0, -0.01, 0.045)
    s.cone(base + (0, 0.15, 0), 0.043, base, 0.043, body, True)
    s.cone(base + (0, 0.095, 0), 0.0445, base + (0, 0.045, 0), 0.0445, mark)
    s.cone(base + (0, 0.175, 0), 0.022, base + (0, 0.215, 0), 0.022, mark)


SHAPES = {
    "canister": _canister,
    "flask": _flask,
    "key": _key,
    "umbrella": _umbrella,
    "lantern": _lantern,
    "cigarette": _cigarette,
    "book": _book,
    "letter": _letter,
    "suitcase": _suitcase,
    "staff": _staff,
}
