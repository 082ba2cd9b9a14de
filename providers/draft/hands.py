"""Hands: a palm, four fingers of two joints each, a thumb."""

import numpy as np

from providers.draft.arrays import Vector, unit
from providers.draft.sculptor import Sculptor

# Across the palm from the forefinger to the little one: place, length, thickness (m).
FINGERS = (
    (0.031, 0.074, 0.0096),
    (0.0105, 0.082, 0.0098),
    (-0.0105, 0.077, 0.0094),
    (-0.030, 0.060, 0.0084),
)


def hand(s: Sculptor, wrist: Vector, reach: Vector, side: int, grip: float, skin: int) -> None:
    """A hand that goes on from the wrist along `reach`; `grip` closes it, 0 … 1."""
    inward, across = _frame(reach, side)
    for low, high in ((0.013, 0.024), (-0.013, -0.022)):
        start, end = wrist + across * low, wrist + reach * 0.082 + across * high
        s.cone(start, 0.021, end, 0.0165, skin)
    s.cone(wrist, 0.024, wrist + reach * 0.06, 0.021, skin)
    for place, length, thick in FINGERS:
        knuckle = wrist + reach * (0.090 - 4 * place * place) + across * place
        first = unit(reach + inward * (0.15 + 1.5 * grip) + across * place * 2)
        second = unit(reach * (0.9 - 1.5 * grip) + inward * (0.35 + 1.1 * grip))
        middle = knuckle + first * (length * 0.54)
        s.cone(knuckle, thick, middle, thick * 0.9, skin)
        s.cone(middle, thick * 0.9, middle + second * (length * 0.46), thick * 0.74, skin)
    _thumb(s, wrist, (reach, inward, across), grip, skin)


def _frame(reach: Vector, side: int) -> tuple[Vector, Vector]:
    """Where the palm faces (to the body), and across it toward the thumb (to the front, or up)."""
    inward = np.array((-side, 0.0, 0.15))
    inward = inward - reach * float(reach @ inward)
    if float(inward @ inward) < 0.05:
        inward = np.array((0.0, -1.0, 0.0))
    inward = unit(inward)
    across = np.cross(reach, inward)
    return inward, across if float(across @ (0.0, 0.5, 1.0)) > 0 else -across


def _thumb(s: Sculptor, wrist: Vector, axes: tuple[Vector, Vector, Vector], grip: float, skin: int) -> None:
    reach, inward, across = axes
    root = wrist + reach * 0.022 + across * 0.02
    joint = root + reach * 0.034 + across * (0.030 - 0.012 * grip) + inward * 0.012
    s.cone(root, 0.0155, joint, 0.0118, skin)
    s.cone(
        joint, 0.0118, joint + reach * 0.034 + across * 0.004 + inward * (0.008 + 0.02 * grip), 0.009, skin
    )
