"""The solids of the stage: round cones, ellipsoids and boxes, each met by rays in closed form."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from providers.draft.arrays import Floats, Vector, square

type Doubles = NDArray[np.float64]

FAR = np.float32(1e9)
CAST = 3  # bodies below this number are people; above, things whose parts melt together


@dataclass(frozen=True, slots=True, eq=False)
class RoundCone:
    """Two spheres and the skin stretched between them; `body` groups the parts of one figure (−1: none).

    With `hem` the second end is cut off straight, like cloth.
    """

    a: Vector
    ra: float
    b: Vector
    rb: float
    paint: int
    body: int = -1
    hem: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Ellipsoid:
    """`axes` rows are the unit axes along which the `radii` are measured."""

    centre: Vector
    radii: Vector
    axes: Vector
    paint: int
    body: int = -1


@dataclass(frozen=True, slots=True, eq=False)
class Box:
    """A box turned about the vertical; `half` are half sizes along its own x, y, z."""

    centre: Vector
    half: Vector
    yaw: float
    paint: int
    body: int = -1

    @property
    def axes(self) -> Vector:
        c, s = np.cos(self.yaw), np.sin(self.yaw)
        turn: Vector = np.array(((c, 0.0, -s), (0.0, 1.0, 0.0), (s, 0.0, c)))
        return turn


type Solid = RoundCone | Ellipsoid | Box


def bounds(solid: Solid) -> list[tuple[Vector, float]]:
    """Spheres whose hull holds the solid."""
    if isinstance(solid, RoundCone):
        return [(solid.a, solid.ra), (solid.b, solid.rb)]
    if isinstance(solid, Ellipsoid):
        return [(solid.centre, float(solid.radii.max()))]
    signs = np.array([(x, y, z) for x in (-1, 1) for y in (-1, 1) for z in (-1, 1)], dtype=np.float64)
    return [(corner, 0.0) for corner in solid.centre + (signs * solid.half) @ solid.axes]


def meet(solid: Solid, origin: Vector, rays: Floats) -> Floats:
    """Distances along the rays (3, …) at which they enter the solid; FAR where they miss."""
    if isinstance(solid, Box):
        return _meet_box(solid, origin, rays)
    exact = rays.astype(np.float64)
    # Far from the light a ray that is a ten-millionth too long misses by a hand's breadth.
    exact /= np.sqrt(exact[0] ** 2 + exact[1] ** 2 + exact[2] ** 2)
    with np.errstate(invalid="ignore", divide="ignore"):
        t = (
            _meet_cone(solid, origin, exact)
            if isinstance(solid, RoundCone)
            else _meet_ellipsoid(solid, origin, exact)
        )
    return np.asarray(np.where(np.isfinite(t) & (t > 0.01), t, FAR), dtype=np.float32)


def _along(rays: Doubles, v: Vector) -> Doubles:
    return np.asarray(rays[0] * v[0] + rays[1] * v[1] + rays[2] * v[2], dtype=np.float64)


def _meet_cone(cone: RoundCone, origin: Vector, rays: Doubles) -> Doubles:
    ba, oa = cone.b - cone.a, origin - cone.a
    rr = cone.ra - cone.rb
    m0, m1, m5 = float(ba @ ba), float(ba @ oa), float(oa @ oa)
    ob = origin - cone.b
    d2 = max(m0 - rr * rr, 1e-9)
    m2, m3 = _along(rays, ba), _along(rays, oa)
    k2 = d2 - m2 * m2
    k1 = d2 * m3 - m1 * m2 + m2 * (rr * cone.ra)
    k0 = d2 * m5 - m1 * m1 + m1 * rr * cone.ra * 2 - m0 * cone.ra * cone.ra
    t = (-np.sqrt(k1 * k1 - k0 * k2) - k1) / k2
    y = m1 - cone.ra * rr + t * m2
    t = np.where((y > 0) & (y < d2), t, np.inf)
    ends = ((m3, m5, cone.ra), (m3 - m2, float(ob @ ob), cone.rb))
    for m, o, r in ends[: 1 if cone.hem else 2]:
        cap = -m - np.sqrt(m * m - (o - r * r))
        t = np.fmin(t, cap)
    return t


def _meet_ellipsoid(ellipsoid: Ellipsoid, origin: Vector, rays: Doubles) -> Doubles:
    scale = ellipsoid.axes / ellipsoid.radii[:, None]
    o = scale @ (origin - ellipsoid.centre)
    d = np.stack([_along(rays, scale[i]) for i in range(3)])
    a = d[0] * d[0] + d[1] * d[1] + d[2] * d[2]
    b = d[0] * o[0] + d[1] * o[1] + d[2] * o[2]
    c = float(o @ o) - 1
    return np.asarray((-b - np.sqrt(b * b - a * c)) / a, dtype=np.float64)


def _meet_box(box: Box, origin: Vector, rays: Floats) -> Floats:
    axes = box.axes
    o = axes @ (origin - box.centre)
    turned = [_along32(rays, axes[i]) for i in range(3)] if box.yaw else [rays[i] for i in range(3)]
    return meet_slabs(o, box.half, [inverse(d) for d in turned])


def inverse(d: Floats) -> Floats:
    """1 / d, large but finite where a ray runs along a face."""
    return np.asarray(1 / np.where(np.abs(d) < 1e-7, np.float32(1e-7), d), dtype=np.float32)


def _along32(rays: Floats, v: Vector) -> Floats:
    x, y, z = (np.float32(part) for part in v)
    return np.asarray(rays[0] * x + rays[1] * y + rays[2] * z, dtype=np.float32)


def meet_slabs(o: Vector, half: Vector, inverses: Sequence[Floats]) -> Floats:
    """Where rays with these inverse directions, from `o` in the box's frame, enter the box."""
    near, far = _slab(inverses[0], o[0], half[0])
    for i in (1, 2):
        low, high = _slab(inverses[i], o[i], half[i])
        np.maximum(near, low, out=near)
        np.minimum(far, high, out=far)
    return np.asarray(np.where((near < far) & (near > 0.01), near, FAR), dtype=np.float32)


def _slab(inverse: Floats, o: float, half: float) -> tuple[Floats, Floats]:
    one, two = inverse * np.float32(-half - o), inverse * np.float32(half - o)
    return np.minimum(one, two), np.maximum(one, two)


def normal(solid: Solid, points: Floats) -> Floats:
    """Outward unit normals (3, n) at points (3, n) on the solid."""
    if isinstance(solid, RoundCone):
        return _unit(_cone_gradient(solid, points)[1])
    if isinstance(solid, Ellipsoid):
        local = (solid.axes / solid.radii[:, None] ** 2) @ (points - solid.centre[:, None])
        return _unit((solid.axes.T @ local).astype(np.float32))
    return _face(solid, points)


def _face(box: Box, points: Floats) -> Floats:
    """The axis of the box along which each point lies farthest out."""
    away = points - box.centre.astype(np.float32)[:, None]
    local = (box.axes / box.half[:, None]).astype(np.float32) @ away
    x, y, z = np.abs(local)
    first, second = (x >= y) & (x >= z), y >= z
    flat = np.zeros_like(points)
    for i, own in enumerate((first, ~first & second, ~first & ~second)):
        np.copysign(np.float32(1), local[i], out=flat[i], where=own)
    return np.asarray(box.axes.T.astype(np.float32) @ flat if box.yaw else flat, dtype=np.float32)


def _unit(v: Floats) -> Floats:
    return np.asarray(v / np.maximum(np.sqrt(square(v)), 1e-9), dtype=np.float32)


def _cone_gradient(cone: RoundCone, points: Floats) -> tuple[Floats, Floats]:
    """Signed distance and its (unit) gradient, with the skin taken as a linear taper."""
    ba = (cone.b - cone.a).astype(np.float32)
    pa = points - cone.a.astype(np.float32)[:, None]
    h = np.clip((ba @ pa) / np.float32(max(float(ba @ ba), 1e-9)), 0, 1)
    away: Floats = (pa - ba[:, None] * h).astype(np.float32)
    length = np.sqrt(square(away)) + np.float32(1e-9)
    skin = length - (cone.ra + (cone.rb - cone.ra) * h)
    return skin.astype(np.float32), (away / length).astype(np.float32)


def distance(solid: Solid, points: Floats) -> tuple[Floats, Floats]:
    """About the signed distance of points (3, n), and its gradient."""
    if isinstance(solid, RoundCone):
        return _cone_gradient(solid, points)
    assert isinstance(solid, Ellipsoid)
    local = ((solid.axes / solid.radii[:, None]) @ (points - solid.centre[:, None])).astype(np.float32)
    length = np.sqrt(square(local)) + np.float32(1e-9)
    return (length - 1) * np.float32(solid.radii.min()), normal(solid, points)
