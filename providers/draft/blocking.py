"""Where the cast stands and what a variation may move: sides, turns, depths, the set's salt."""

from dataclasses import dataclass
from math import pi

import numpy as np

from grammar import Scene
from providers.draft.arrays import vector
from providers.draft.sculptor import Placing

TURNS = {"camera": pi, "away": 0.0, "left": -pi / 2, "right": pi / 2}


@dataclass(frozen=True, slots=True, eq=False)
class Blocking:
    """`side` (−1, 1) is the third on which the subject stands; `world` salts the set, `take` this picture."""

    side: float
    light_side: float
    placings: list[Placing]
    spread: float
    world: int
    take: int
    drift: float


def block(scene: Scene, world_seed: int, take_seed: int) -> Blocking:
    """World and light side come from the generation, the moves from the picture."""
    world, rng = np.random.default_rng(world_seed), np.random.default_rng(take_seed)
    light_side = float(world.choice((-1.0, 1.0)))
    salt = int(world.integers(0, 1000))
    side = float(rng.choice((-1.0, 1.0)))
    if scene.place == "interior":
        window = {"left": -1.0, "right": 1.0}.get(scene.key.direction, light_side)
        side = -window
    placings = [_placing(scene, index, side, rng) for index in range(len(scene.subjects))]
    spread = float(np.ptp([p.at[0] for p in placings])) if len(placings) > 1 else 0.0
    return Blocking(
        side, light_side, placings, spread, salt, int(rng.integers(0, 1000)), float(rng.uniform(-1, 1))
    )


def _placing(scene: Scene, index: int, side: float, rng: np.random.Generator) -> Placing:
    subject, count = scene.subjects[index], len(scene.subjects)
    gap = {"wide": 1.6, "extreme wide": 2.6}.get(scene.camera.shot, 0.85)
    if scene.camera.angle in ("overhead", "aerial"):
        gap = 1.9
    x = (index - (count - 1) / 2) * gap
    z = 0.0 if count == 1 else float(rng.uniform(-0.35, 0.5)) * (3.0 if gap > 1.5 else 1.0)
    yaw = TURNS.get(subject.facing, _open_turn(subject.pose, x, count, side, rng))
    return Placing(vector(x, 0, z), yaw + float(rng.uniform(-0.12, 0.12)), int(rng.integers(0, 6)))


def _open_turn(pose: str, x: float, count: int, side: float, rng: np.random.Generator) -> float:
    """Three quarters to the camera, into the open part of the frame; pairs turn to each other."""
    if count > 1 and abs(x) > 0.01:
        return pi + (0.75 if x < 0 else -0.75) * -1
    turn = 0.62 if pose == "hold" else 0.5
    return pi + side * turn * float(rng.uniform(0.6, 1.2))
