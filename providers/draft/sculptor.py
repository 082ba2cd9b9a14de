"""Where a figure stands, and the tool that builds it from solids."""

from dataclasses import dataclass

import numpy as np

from providers.draft.arrays import Vector
from providers.draft.poses import Point
from providers.draft.solids import Box, Ellipsoid, RoundCone, Solid


@dataclass(frozen=True, slots=True)
class Placing:
    """Feet on the ground at `at`, turned by `yaw` from +z; `variant` picks among a verb's poses."""

    at: Vector
    yaw: float
    variant: int = 0


class Sculptor:
    """Collects the parts of one figure, given in its own frame, as solids of the stage."""

    def __init__(self, placing: Placing, scale: float, body: int) -> None:
        c, s = np.cos(placing.yaw), np.sin(placing.yaw)
        self.turn = np.array(((c, 0.0, s), (0.0, 1.0, 0.0), (-s, 0.0, c)))
        self.at, self.yaw, self.scale, self.body = placing.at, placing.yaw, scale, body
        self.solids: list[Solid] = []

    def place(self, p: Point | Vector) -> Vector:
        return np.asarray(
            self.at + self.turn @ (np.asarray(p, dtype=np.float64) * self.scale), dtype=np.float64
        )

    def cone(
        self, a: Point | Vector, ra: float, b: Point | Vector, rb: float, paint: int, hem: bool = False
    ) -> None:
        k = self.scale
        self.solids.append(RoundCone(self.place(a), ra * k, self.place(b), rb * k, paint, self.body, hem))

    def box(self, centre: Point | Vector, half: Point, paint: int) -> None:
        size = np.asarray(half) * self.scale
        self.solids.append(Box(self.place(centre), size, self.yaw, paint, self.body))

    def ball(self, centre: Point | Vector, radii: Point, paint: int, axes: Vector | None = None) -> None:
        own = np.eye(3) if axes is None else axes
        self.solids.append(
            Ellipsoid(self.place(centre), np.asarray(radii) * self.scale, own @ self.turn.T, paint, self.body)
        )
