"""Mannequins: a skeleton of seven and a half heads, dressed in round cones."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from grammar import Subject
from grammar.moods import HUES
from providers.draft.arrays import Vector, unit, vector
from providers.draft.hands import hand
from providers.draft.likeness import Likeness
from providers.draft.paint import Palette
from providers.draft.poses import POSES, Pose
from providers.draft.sculptor import Placing, Sculptor
from providers.draft.solids import Box, Solid

type At = Callable[[float, float, float], Vector]

BUILDS = {
    "man": (1.0, 0.19, 0.088),
    "woman": (0.945, 0.165, 0.095),
    "neutral": (0.98, 0.178, 0.09),
    "child": (0.68, 0.16, 0.09),
}
SKINS = ((0.50, 0.33, 0.235), (0.36, 0.225, 0.15), (0.56, 0.40, 0.30))
WARDROBE = ((0.16, 0.14, 0.13), (0.20, 0.17, 0.12), (0.11, 0.14, 0.17), (0.17, 0.11, 0.09))
STRIPED = (0.19, 0.20, 0.24)
PLAIN = {"coat": (0.21, 0.165, 0.115), "suit": (0.055, 0.058, 0.068), "dress": (0.24, 0.05, 0.06)}


@dataclass(frozen=True, slots=True)
class Paints:
    skin: int
    hair: int
    top: int
    legs: int
    shoes: int
    hat: int
    white: int


def wardrobe(subject: Subject, look: Likeness, index: int, palette: Palette, salt: int) -> Paints:
    """The paints of one member of the cast: the same for every panel of a series.

    What the likeness shows comes first; `index` picks the rest.
    """
    if subject.colour:
        r, g, b = HUES[subject.colour]
        cloth = (r * 0.55 + 0.01, g * 0.55 + 0.01, b * 0.55 + 0.01)
    else:
        cloth = PLAIN.get(subject.clothes, WARDROBE[(index + salt) % len(WARDROBE)])
    if subject.striped and not subject.colour:
        cloth = STRIPED
    cloth = look.top or cloth
    dark = WARDROBE[(index * 2 + salt + 2) % len(WARDROBE)]
    legs = (dark[0] * 0.5, dark[1] * 0.5, dark[2] * 0.55)
    if subject.clothes in ("suit", "dress"):
        legs = (cloth[0] * 0.72, cloth[1] * 0.72, cloth[2] * 0.72)
    legs = look.legs or legs
    return Paints(
        skin=palette.add(look.skin or SKINS[(index + salt) % len(SKINS)], 0.12),
        hair=palette.add(look.hair or (0.035, 0.025, 0.02), 0.18),
        top=palette.add(cloth, 0.05, texture="stripes" if subject.striped else "cloth", cloth=True),
        legs=palette.add(legs, 0.04, texture="cloth", cloth=True),
        shoes=palette.add((0.025, 0.02, 0.018), 0.3),
        hat=palette.add((cloth[0] * 0.5, cloth[1] * 0.5, cloth[2] * 0.5), 0.06, cloth=True),
        white=palette.add((0.42, 0.40, 0.37), 0.4),
    )


def figure(subject: Subject, placing: Placing, paints: Paints, body: int) -> list[Solid]:
    """The solids of one dressed figure."""
    scale, shoulders, _ = BUILDS[subject.build]
    options = POSES[subject.pose]
    pose = options[placing.variant % len(options)]
    sculptor = Sculptor(placing, scale, body)
    _legs(sculptor, pose, subject, paints)
    _trunk(sculptor, pose, subject, paints, shoulders)
    _arms(sculptor, pose, subject, paints, shoulders)
    _head(sculptor, pose, subject, paints)
    return sculptor.solids


def _legs(s: Sculptor, pose: Pose, subject: Subject, paints: Paints) -> None:
    bare = subject.clothes == "dress"
    cuff, knee = (0.046, 0.056) if bare else (0.066, 0.072)
    for i in (0, 1):
        hip, joint, ankle = (np.array(part[i]) for part in (pose.hips, pose.knees, pose.ankles))
        leg = paints.skin if bare else paints.legs
        s.cone(hip, 0.098, joint, knee, paints.legs)
        s.cone(joint, knee, ankle + (0, 0.03, 0), cuff * 0.86, leg)
        toe = ankle + np.array((0.03 if i == 0 else -0.03, -0.045 - pose.toes_down[i], 0.165))
        toe[1] = max(toe[1], 0.03)
        s.cone(ankle + (0, -0.035, -0.03), 0.044, toe, 0.032, paints.shoes)


def _trunk(s: Sculptor, pose: Pose, subject: Subject, paints: Paints, shoulders: float) -> None:
    thick = 1.1 if subject.clothes == "coat" else 1.03 if subject.clothes == "suit" else 1.0
    lean, tilt, drop = pose.lean, pose.tilt, pose.drop
    slim = 0.88 if subject.build == "woman" else 1.0
    hips = (np.array(pose.hips[0]) + np.array(pose.hips[1])) / 2
    s.ball((0, 1.315 - drop, lean), (shoulders * 0.92 * thick, 0.20, 0.114 * thick), paints.top)
    s.ball((0, 1.10 - drop, lean * 0.4), (0.158 * slim * thick, 0.21, 0.108 * thick), paints.top)
    s.ball(hips + (0, 0.02, -0.012), (0.163 * thick, 0.125, 0.118 * thick), paints.top)
    height = 1.432 - drop
    for side in (1, -1):
        end = (side * shoulders * 0.93, height - side * tilt - 0.012, lean - 0.01)
        s.cone((side * 0.035, height + 0.045, lean - 0.018), 0.058 * thick, end, 0.062 * thick, paints.top)
    if subject.clothes in ("suit", "jacket") and drop < 0.2:
        for i, side in ((0, 1), (1, -1)):
            hem = np.array(pose.hips[i]) * 0.75 + np.array(pose.knees[i]) * 0.25
            s.cone(
                hips + (side * 0.055, 0.09, -0.005),
                0.118 * thick,
                hem + (0, 0, -0.005),
                0.122 * thick,
                paints.top,
                True,
            )
    if subject.clothes in ("coat", "dress"):
        _skirt(s, pose, subject, paints)
    if subject.clothes in ("coat", "suit"):
        for side in (1, -1):
            s.cone(
                (side * 0.062, height + 0.062, lean - 0.03),
                0.03,
                (side * 0.045, height - 0.12, lean + 0.085),
                0.02,
                paints.top,
            )


def _skirt(s: Sculptor, pose: Pose, subject: Subject, paints: Paints) -> None:
    """Cloth from the hips to below the knees (to the ankles for a gown), following the stride."""
    gown = subject.clothes == "dress" and pose.drop < 0.2
    hips = (np.array(pose.hips[0]) + np.array(pose.hips[1])) / 2
    for i, side in ((0, 1), (1, -1)):
        knee, ankle = np.array(pose.knees[i]), np.array(pose.ankles[i])
        hem = knee + (ankle - knee) * (0.55 if gown else 0.2) + np.array((side * 0.025, 0.0, 0.0))
        s.cone(hips + (side * 0.05, 0.05, 0), 0.122, hem, 0.142 if gown else 0.115, paints.top, True)
    if pose.drop > 0.2:
        return
    knees = (np.array(pose.knees[0]) + np.array(pose.knees[1])) / 2
    level = knees[1] + ((np.array(pose.ankles[0]) - pose.knees[0])[1] * (0.55 if gown else 0.2))
    for back in (-1, 1):
        z = (min if back < 0 else max)(pose.knees[0][2], pose.knees[1][2]) * 0.7 + back * 0.02
        s.cone(hips + (0, 0.06, back * 0.015), 0.13, (0, level, z), 0.165 if gown else 0.14, paints.top, True)


def _arms(s: Sculptor, pose: Pose, subject: Subject, paints: Paints, shoulders: float) -> None:
    thick = 1.15 if subject.clothes == "coat" else 1.0
    for i, side in ((0, 1), (1, -1)):
        shoulder = np.array((side * shoulders, 1.415 - pose.drop - side * pose.tilt, pose.lean - 0.01))
        elbow, wrist = np.array(pose.elbows[i]), np.array(pose.wrists[i])
        sleeve = paints.skin if subject.bare_arms else paints.top
        s.cone(shoulder, 0.064 * thick, elbow, 0.049 * thick, sleeve)
        s.cone(elbow, 0.049 * thick, wrist, 0.038 * thick, sleeve)
        grip = 0.9 if subject.pose == "hold" and i == 0 else 0.25
        hand(s, wrist, unit(wrist - elbow), side, grip, paints.skin)


def _head(s: Sculptor, pose: Pose, subject: Subject, paints: Paints) -> None:
    base = np.array((0.0, 1.632 - pose.drop, pose.lean * 1.3 + 0.005))
    cy, sy, cx, sx = (
        np.cos(pose.head_turn),
        np.sin(pose.head_turn),
        np.cos(pose.head_nod),
        np.sin(pose.head_nod),
    )
    turn = np.array(((cy, 0, sy), (0, 1, 0), (-sy, 0, cy))) @ np.array(((1, 0, 0), (0, cx, -sx), (0, sx, cx)))

    def at(x: float, y: float, z: float) -> Vector:
        return np.asarray(base + turn @ vector(x, y, z), dtype=np.float64)

    s.cone((0, 1.45 - pose.drop, pose.lean), 0.064, at(0, -0.05, -0.012), 0.055, paints.skin)
    s.ball(at(0, 0.035, -0.008), (0.077, 0.098, 0.097), paints.skin, turn.T)
    s.cone(at(0, 0.0, 0.022), 0.069, at(0, -0.068, 0.052), 0.038, paints.skin)
    s.cone(at(0, 0.026, 0.083), 0.010, at(0, -0.018, 0.102), 0.0155, paints.skin)
    for side in (1, -1):
        s.cone(at(side * 0.012, 0.036, 0.080), 0.012, at(side * 0.046, 0.036, 0.058), 0.014, paints.skin)
        s.cone(at(side * 0.076, 0.016, -0.004), 0.014, at(side * 0.074, -0.02, 0.0), 0.01, paints.skin)
        s.cone(at(side * 0.036, -0.012, 0.062), 0.021, at(side * 0.03, -0.05, 0.06), 0.016, paints.skin)
    s.cone(at(-0.014, -0.05, 0.086), 0.008, at(0.014, -0.05, 0.086), 0.008, paints.skin)
    _eyes(s, paints, at)
    _hair(s, subject, paints, at, turn)


def _eyes(s: Sculptor, paints: Paints, at: At) -> None:
    """Whites with dark irises under lids, and brows."""
    for side in (1, -1):
        s.ball(at(side * 0.031, 0.012, 0.0745), (0.0125, 0.0095, 0.0105), paints.white)
        s.ball(at(side * 0.031, 0.011, 0.0815), (0.0058, 0.0062, 0.0048), paints.shoes)
        s.cone(at(side * 0.02, 0.021, 0.0815), 0.0042, at(side * 0.043, 0.0195, 0.0745), 0.0042, paints.skin)
        s.cone(at(side * 0.016, 0.04, 0.0905), 0.004, at(side * 0.05, 0.042, 0.0715), 0.0032, paints.hair)


def _hair(s: Sculptor, subject: Subject, paints: Paints, at: At, turn: Vector) -> None:
    if subject.hat == "helmet":
        s.ball(at(0, 0.02, 0.0), (0.15, 0.165, 0.155), paints.hat, turn.T)
        return
    if subject.hat == "hood":
        s.ball(at(0, 0.035, -0.04), (0.115, 0.13, 0.115), paints.top, turn.T)
        s.cone(at(0, 0.0, -0.075), 0.10, at(0, -0.16, -0.05), 0.115, paints.top)
        return
    s.ball(at(0, 0.056, -0.021), (0.0825, 0.088, 0.096), paints.hair, turn.T)
    if subject.build == "woman":
        s.cone(at(0, 0.03, -0.055), 0.075, at(0, -0.15, -0.07), 0.055, paints.hair)
        for side in (1, -1):
            s.cone(at(side * 0.066, 0.03, -0.015), 0.03, at(side * 0.072, -0.14, -0.02), 0.022, paints.hair)
    if subject.hat == "fedora":
        s.ball(at(0, 0.085, 0.0), (0.148, 0.012, 0.172), paints.hat, turn.T)
        s.cone(at(0, 0.09, -0.005), 0.088, at(0, 0.15, -0.012), 0.068, paints.hat)


def seat(placing: Placing, paint: int, scale: float = 1.0) -> list[Solid]:
    """Something to sit on, under a seated figure."""
    sculptor = Sculptor(placing, scale, -1)
    centre = sculptor.place((0, 0.215, 0.05))
    return [Box(centre, vector(0.24, 0.215, 0.22) * scale, placing.yaw, paint)]
