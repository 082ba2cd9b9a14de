"""The camera: a view with rays and projection, and where to stand so that the prompt's frame comes out."""

from dataclasses import dataclass, replace
from math import atan, cos, radians, sin, tan

import numpy as np

from grammar import Scene
from grammar.words import ANGLES, SHOT_SIZES
from providers.draft.arrays import Floats, Vector, vector

NEAR = 0.02
ROOM_HEIGHT = 3.5  # a room gives the camera no more to step back


@dataclass(frozen=True, slots=True)
class View:
    """A pinhole camera: `axes` rows are right, up, forward; `tan_x` and `tan_y` the half angles."""

    origin: Vector
    axes: Vector
    tan_x: float
    tan_y: float
    width: int
    height: int

    def rays(self, top: int, bottom: int) -> Floats:
        """Unit directions (3, rows, width) through the pixel centres of these rows."""
        x = ((np.arange(self.width) + 0.5) / self.width * 2 - 1) * self.tan_x
        y = (1 - (np.arange(top, bottom) + 0.5) / self.height * 2) * self.tan_y
        length = 1 / np.sqrt(x[None, :] ** 2 + y[:, None] ** 2 + 1)
        out = np.empty((3, bottom - top, self.width), np.float32)
        for i in range(3):
            out[i] = (x[None, :] * self.axes[0, i] + y[:, None] * self.axes[1, i] + self.axes[2, i]) * length
        return out

    def local(self, point: Vector) -> Vector:
        """Right, up and forward of a point as the camera sees it."""
        return self.axes @ (point - self.origin)

    def pixel(self, point: Vector) -> tuple[float, float, float]:
        """Column, row and distance along the axis of a point."""
        x, y, z = self.local(point)
        z = max(z, NEAR)
        return (
            (x / z / self.tan_x + 1) / 2 * self.width,
            (1 - y / z / self.tan_y) / 2 * self.height,
            z,
        )

    def resized(self, width: int, height: int) -> "View":
        return replace(self, width=width, height=height)

    def mirrored(self) -> "View":
        """The view from below the ground that a puddle shows."""
        flip = vector(1, -1, 1)
        return replace(self, origin=self.origin * flip, axes=self.axes * flip)


def look(origin: Vector, yaw: float, pitch: float, roll: float) -> Vector:
    """Axes of a camera turned to the right by yaw, up by pitch, rolled clockwise (radians)."""
    forward = vector(sin(yaw) * cos(pitch), sin(pitch), cos(yaw) * cos(pitch))
    right = vector(cos(yaw), 0, -sin(yaw))
    up = np.cross(forward, right)
    return np.stack((right * cos(roll) - up * sin(roll), up * cos(roll) + right * sin(roll), forward))


@dataclass(frozen=True, slots=True)
class Framing:
    """Where the subject falls in the picture: frame height in metres, and its place in −1 … 1."""

    frame_height: float
    aim_height: float
    x: float
    y: float


AIM_HEIGHTS = {
    "extreme wide": 1.0,
    "wide": 0.95,
    "full": 0.9,
    "medium full": 1.18,
    "medium": 1.36,
    "medium close-up": 1.5,
    "close-up": 1.6,
    "extreme close-up": 1.63,
}
HANDS_HEIGHT = 1.38  # between the two ways of holding something up
FRAME_PLACES = {"extreme wide": -0.42, "wide": -0.3, "full": -0.02, "medium": -0.02}


def framing(scene: Scene, ratio: float, side: float, spread: float, drift: float = 0.0) -> Framing:
    """Thirds for wide shots, headroom for close ones; `side` is −1 or 1, `spread` metres of the cast.

    `drift`, −1 … 1, is the operator's own hand: a little nearer or farther, a little off the third.
    """
    shot = scene.camera.shot
    tallest = ROOM_HEIGHT if scene.place == "interior" else 99.0
    height = max(min(SHOT_SIZES[shot], tallest), (spread + 0.9) / ratio if spread else 0.0)
    if ratio < 0.8 and shot in ("wide", "full", "medium full"):
        height *= 1.12
    x = side * (0.34 if shot in ("extreme wide", "wide") else 0.24 if ratio > 1.2 else 0.08)
    if spread or not scene.subjects:
        x *= 0.35
    x, height = x + 0.09 * drift, height * (1 - 0.05 * drift)
    aim = HANDS_HEIGHT if scene.detail == "hands" else AIM_HEIGHTS[shot]
    return Framing(height, aim, x, FRAME_PLACES.get(shot, 0.0))


def stand(scene: Scene, frame: Framing, width: int, height: int) -> View:
    """The view that puts the subject (at the origin) where the framing wants it."""
    ratio = width / height
    half_long = tan(radians(scene.camera.fov_degrees) / 2)
    tan_x, tan_y = (half_long, half_long / ratio) if ratio >= 1 else (half_long * ratio, half_long)
    distance = scene.camera.distance(frame.frame_height, ratio)
    origin = _position(scene, frame, distance)
    aim = vector(0, frame.aim_height, 0) - origin
    pitch = atan(aim[1] / max(float(np.hypot(aim[0], aim[2])), 1e-6))
    yaw = -atan(frame.x * tan_x) + float(np.arctan2(aim[0], aim[2]))
    pitch -= atan(_fall(scene, frame) * tan_y)
    axes = look(origin, yaw, pitch, radians(scene.camera.roll_degrees))
    return View(origin, axes, tan_x, tan_y, width, height)


def _position(scene: Scene, frame: Framing, distance: float) -> Vector:
    """Low angles stay above the ground; the flat distance is kept so that the figure keeps its size."""
    elevation = radians(ANGLES[scene.camera.angle])
    flat = distance * cos(elevation)
    y = frame.aim_height + distance * sin(elevation)
    floor = {"worm's-eye": 0.1, "low angle": 0.28}.get(scene.camera.angle, 0.5)
    if scene.camera.angle == "eye level":
        rise = 0.07 if scene.place == "desert" and scene.camera.shot == "extreme wide" else 0.02
        y = min(max(frame.aim_height, 1.45), 1.62) + rise * distance
    elif y < floor:
        y = floor
        flat = float(np.sqrt(max(distance**2 - (frame.aim_height - y) ** 2, (0.6 * distance) ** 2)))
    return vector(0, y, -max(flat, 0.05))


def _fall(scene: Scene, frame: Framing) -> float:
    """How far below the middle the aim should fall; a low camera sends the figure up against the sky."""
    if scene.camera.angle in ("worm's-eye", "low angle"):
        return min(frame.y, -0.12) if scene.camera.shot in ("wide", "extreme wide") else frame.y
    return frame.y if scene.camera.angle == "eye level" else 0.0
