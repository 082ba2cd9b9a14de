"""The stage: everything that a set builder hands to the renderer."""

from dataclasses import dataclass, field

from providers.draft.arrays import Floats, Vector, rgb
from providers.draft.paint import Paint
from providers.draft.solids import Solid
from providers.draft.terrain import Relief

type Track = tuple[float, float, float]  # x and z of whoever walks, and the yaw they walk in


@dataclass(frozen=True, slots=True, eq=False)
class KeyLight:
    """The one light that casts shadows: far away along `toward`, or at `position`; `size` in radians."""

    toward: Vector
    colour: Floats
    size: float
    position: Vector | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Lamp:
    """A small light without a shadow; `halo` is how much of it hangs in the air."""

    position: Vector
    colour: Floats
    halo: float = 1.0


@dataclass(frozen=True, slots=True, eq=False)
class Air:
    """Mist: `density` per metre at the ground, thinning with `height`; `glow` shines toward the key."""

    colour: Floats
    density: float
    height: float = 40.0
    glow: Floats = field(default_factory=lambda: rgb(0, 0, 0))


@dataclass(frozen=True, slots=True, eq=False)
class Sky:
    zenith: Floats
    horizon: Floats
    sun: Floats
    sun_size: float
    clouds: float
    cloud_colour: Floats
    stars: float = 0.0


@dataclass(frozen=True, slots=True, eq=False)
class Ground:
    """The plane y = 0, or a terrain; `kind` names its texture, `tracks` who left prints in it."""

    kind: str
    colour: Floats
    wet: float = 0.0
    salt: int = 0
    tracks: tuple[Track, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Stage:
    solids: list[Solid]
    paints: list[Paint]
    ground: Ground
    sky: Sky
    key: KeyLight
    sky_fill: Floats
    ground_fill: Floats
    rim: tuple[Floats, Floats]  # from the left and from the right, both from behind
    air: Air
    lamps: list[Lamp] = field(default_factory=list)
    feet: list[Vector] = field(default_factory=list)
    shadow_radius: float = 9.0
    relief: Relief | None = None
    shade_extent: float = 400.0
    shafts: float = 0.0
    gain: float = 1.0
    walled: bool = False
