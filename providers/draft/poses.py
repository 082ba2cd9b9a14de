"""Joint positions of a figure 1.78 m tall, facing +z, its weight over the origin."""

from dataclasses import dataclass

type Point = tuple[float, float, float]


@dataclass(frozen=True, slots=True)
class Pose:
    """Right (+x) and left (−x) joints; `lean` moves the chest forward, `drop` lowers the trunk (m)."""

    hips: tuple[Point, Point]
    knees: tuple[Point, Point]
    ankles: tuple[Point, Point]
    elbows: tuple[Point, Point]
    wrists: tuple[Point, Point]
    lean: float = 0.0
    drop: float = 0.0
    tilt: float = 0.0
    toes_down: tuple[float, float] = (0.0, 0.0)
    head_turn: float = 0.0
    head_nod: float = 0.0


POSES: dict[str, tuple[Pose, ...]] = {
    "stand": (
        Pose(
            hips=((0.09, 0.945, 0), (-0.09, 0.925, 0)),
            knees=((0.10, 0.50, 0.02), (-0.13, 0.505, 0.06)),
            ankles=((0.11, 0.08, -0.03), (-0.17, 0.08, 0.05)),
            elbows=((0.255, 1.155, -0.05), (-0.25, 1.15, -0.04)),
            wrists=((0.245, 0.90, 0.06), (-0.235, 0.895, 0.05)),
            tilt=0.018,
            head_turn=0.25,
            head_nod=0.04,
        ),
        Pose(
            hips=((0.09, 0.925, 0), (-0.09, 0.945, 0)),
            knees=((0.14, 0.505, 0.06), (-0.10, 0.50, 0.02)),
            ankles=((0.18, 0.08, 0.06), (-0.11, 0.08, -0.03)),
            elbows=((0.27, 1.16, -0.07), (-0.25, 1.15, -0.04)),
            wrists=((0.185, 0.955, 0.085), (-0.235, 0.895, 0.06)),
            tilt=-0.02,
            head_turn=-0.3,
            head_nod=0.02,
        ),
        Pose(
            hips=((0.09, 0.935, 0), (-0.09, 0.935, 0)),
            knees=((0.12, 0.50, 0.03), (-0.12, 0.50, 0.03)),
            ankles=((0.15, 0.08, -0.01), (-0.15, 0.08, -0.01)),
            elbows=((0.28, 1.17, -0.10), (-0.28, 1.17, -0.10)),
            wrists=((0.19, 0.965, 0.06), (-0.19, 0.965, 0.06)),
            head_turn=0.1,
        ),
    ),
    "walk": (
        Pose(
            hips=((0.085, 0.915, -0.02), (-0.085, 0.915, 0.02)),
            knees=((0.09, 0.47, -0.06), (-0.09, 0.505, 0.21)),
            ankles=((0.085, 0.145, -0.37), (-0.085, 0.085, 0.33)),
            elbows=((0.245, 1.17, 0.08), (-0.25, 1.17, -0.17)),
            wrists=((0.205, 0.99, 0.26), (-0.235, 0.93, -0.21)),
            lean=0.05,
            toes_down=(0.085, -0.05),
            head_nod=0.06,
        ),
        Pose(
            hips=((0.085, 0.92, 0.02), (-0.085, 0.92, -0.02)),
            knees=((0.09, 0.51, 0.17), (-0.09, 0.475, -0.03)),
            ankles=((0.085, 0.085, 0.26), (-0.085, 0.13, -0.32)),
            elbows=((0.25, 1.17, -0.15), (-0.245, 1.17, 0.06)),
            wrists=((0.235, 0.93, -0.17), (-0.205, 0.98, 0.22)),
            lean=0.04,
            toes_down=(-0.04, 0.075),
            head_turn=0.12,
            head_nod=0.05,
        ),
    ),
    "hold": (
        Pose(
            hips=((0.09, 0.94, 0), (-0.09, 0.93, 0)),
            knees=((0.10, 0.50, 0.02), (-0.13, 0.505, 0.05)),
            ankles=((0.11, 0.08, -0.03), (-0.17, 0.08, 0.05)),
            elbows=((0.265, 1.19, 0.05), (-0.255, 1.16, 0.02)),
            wrists=((0.14, 1.30, 0.29), (-0.10, 1.14, 0.23)),
            lean=0.01,
            tilt=0.012,
            head_turn=0.22,
            head_nod=0.16,
        ),
        Pose(
            hips=((0.09, 0.93, 0), (-0.09, 0.94, 0)),
            knees=((0.13, 0.505, 0.05), (-0.10, 0.50, 0.02)),
            ankles=((0.17, 0.08, 0.05), (-0.11, 0.08, -0.03)),
            elbows=((0.27, 1.24, 0.10), (-0.255, 1.15, -0.03)),
            wrists=((0.17, 1.43, 0.27), (-0.225, 0.90, 0.08)),
            head_turn=0.25,
            head_nod=-0.02,
        ),
    ),
    "sit": (
        Pose(
            hips=((0.095, 0.53, -0.02), (-0.095, 0.53, -0.02)),
            knees=((0.13, 0.54, 0.42), (-0.12, 0.53, 0.43)),
            ankles=((0.13, 0.085, 0.40), (-0.13, 0.085, 0.47)),
            elbows=((0.25, 0.79, 0.02), (-0.25, 0.79, 0.02)),
            wrists=((0.13, 0.63, 0.27), (-0.11, 0.63, 0.28)),
            lean=0.05,
            drop=0.405,
            head_turn=0.15,
            head_nod=0.1,
        ),
    ),
}
