"""The draft engine: an order and an index in, the bytes of one previs picture out."""

from dataclasses import dataclass, replace
from hashlib import sha256

import numpy as np
from PIL import Image

from grammar import Camera, Scene
from providers.base import Order
from providers.draft.air import hanging_light
from providers.draft.arrays import Floats, Mask, vector
from providers.draft.blocking import Blocking, block
from providers.draft.camera import Framing, View, framing, stand
from providers.draft.encode import encode
from providers.draft.finish import Exposure, develop
from providers.draft.grade import grade
from providers.draft.halving import every_second, fill_in
from providers.draft.lettering import lit_lettering, print_lettering
from providers.draft.light import Shade, shade
from providers.draft.optics import confusion
from providers.draft.plate import lay_plate
from providers.draft.raster import GROUND, WATER, WATER_LEVEL, Hits, Window, lay_plane, trace, windows
from providers.draft.script import palette_picture, script_for
from providers.draft.sets import build
from providers.draft.shadows import cast
from providers.draft.solids import CAST, Solid
from providers.draft.stage import Stage
from providers.draft.surfaces import neighbours, surfaces
from providers.draft.terrain import Polar, hill_shade, survey

BAND_PIXELS = 128_000
# From here on light is worked out at every second pixel; outlines, lens, weather and grain stay native.
HALVED_FROM = 6_000_000


def derived_seed(*parts: object) -> int:
    """A seed that depends on all parts and on nothing else."""
    return int.from_bytes(sha256("\x1f".join(map(str, parts)).encode()).digest()[:6], "big")


@dataclass(frozen=True, slots=True, eq=False)
class Crew:
    """A stage made ready for one view."""

    stage: Stage
    view: View
    near: list[list[Solid]]
    boxes: list[Window | None]
    land: Polar | None
    shade_of: Shade
    mirror: Floats | None
    cast: Mask

    def look(self, top: int, bottom: int) -> Hits:
        """What the rays of these rows meet."""
        hits = trace(self.view, self.stage.solids, self.boxes, top, bottom)
        if self.land is not None:
            self.land.meet(self.view, hits)
        else:
            lay_plane(self.view, hits, 0.0, GROUND)
        if self.stage.ground.kind == "sea":
            lay_plane(self.view, hits, WATER_LEVEL, WATER)
        return hits

    def band(self, top: int, bottom: int) -> tuple[Floats, Hits, Mask]:
        """The linear light (3, rows, width) of these rows, and where the cast stands in them."""
        hits = self.look(top, bottom)
        people = (hits.ident >= 0) & self.cast[np.maximum(hits.ident, 0)]
        if self.view.width * self.view.height < HALVED_FROM:
            return self._light(self.view, hits), hits, people
        half = self.view.resized((self.view.width + 1) // 2, (self.view.height + 1) // 2)
        return fill_in(self._light(half, every_second(hits)), hits), hits, people

    def _light(self, view: View, hits: Hits) -> Floats:
        surface = surfaces(self.stage, self.near, self.land, view, hits)
        return shade(self.stage, view, hits, surface, self.shade_of, self.mirror)


def draw(order: Order, index: int) -> bytes:
    """Picture `index` of the order, exactly width × height, in its format; the same bytes every time."""
    return encode(picture(order, index), order.media_format)


def picture(order: Order, index: int) -> Image.Image:
    """The finished picture, before it is encoded."""
    script = script_for(order, index)
    scene = script.scene
    take = derived_seed(order.seed, index)
    blocking = block(scene, derived_seed(order.seed, "world"), take)
    stage = build(script, blocking)
    frame = framing(scene, order.width / order.height, blocking.side, blocking.spread, blocking.drift)
    view = stand(scene, frame, order.width, order.height)
    crew = _prepare(stage, view, max(2.6, frame.frame_height * 2.6))
    exposure = render(crew, scene.camera, _focus(scene, view, blocking, frame))
    for tubes, colour, left, top in lit_lettering(
        scene.lettering, order.width, order.height, blocking.side, take
    ):
        part = exposure.linear[:, top : top + tubes.shape[0], left : left + tubes.shape[1]]
        part += (colour[:, None, None] * tubes[: part.shape[1], : part.shape[2]]).astype(np.float16)
    lay_plate(exposure, order.references, view)
    image = develop(scene, exposure, take)
    image = grade(image, scene.look, palette_picture(order))
    return print_lettering(image, scene.lettering)


def _focus(scene: Scene, view: View, blocking: Blocking, frame: Framing) -> float:
    """Distance to the nearest of the cast, or to where the cast would stand."""
    ahead = 0.27 if scene.detail == "hands" else 0.0
    spots = [placing.at for placing in blocking.placings] or [vector(0, 0, 0)]
    return min(float(np.linalg.norm(spot + (0, frame.aim_height, -ahead) - view.origin)) for spot in spots)


def render(crew: Crew, camera: Camera, focus: float) -> Exposure:
    """The linear picture, band by band, with what the lens and the air will do to it."""
    view = crew.view
    shape = (view.height, view.width)
    exposure = Exposure(
        linear=np.empty((3, *shape), np.float16),
        blur=np.empty(shape, np.float16),
        people=np.empty(shape, np.bool_),
        air=_air(crew, focus),
    )
    share = 2 if view.width * view.height >= HALVED_FROM else 1
    rows = max(8, share * BAND_PIXELS // view.width // 2 * 2)
    for top in range(0, view.height, rows):
        bottom = min(top + rows, view.height)
        band, hits, people = crew.band(top, bottom)
        exposure.linear[:, top:bottom] = np.minimum(band * np.float32(crew.stage.gain), 60)
        exposure.blur[top:bottom] = confusion(camera, hits.t, focus)
        exposure.people[top:bottom] = people
    return exposure


def _air(crew: Crew, focus: float) -> tuple[Floats, Floats]:
    """Lit air up to the set behind the cast, and up to the cast: apart, so that outlines stay crisp."""
    width = min(crew.view.width, 420)
    small = crew.view.resized(width, max(1, round(crew.view.height * width / crew.view.width)))
    empty = replace(crew.stage, solids=[solid for solid in crew.stage.solids if not 0 <= solid.body < CAST])
    hits = replace(crew, stage=empty, view=small, boxes=windows(small, empty.solids)).look(0, small.height)
    behind = hanging_light(empty, small, hits, crew.shade_of.near)
    near = replace(hits, t=np.minimum(hits.t, np.float32(focus)))
    gain = np.float32(crew.stage.gain)
    return behind * gain, hanging_light(empty, small, near, crew.shade_of.near) * gain


def _prepare(stage: Stage, view: View, reach: float) -> Crew:
    near = neighbours(stage.solids)
    long_side = max(view.width, view.height)
    pixels = min(max(long_side // 2, 176), 1100)
    radius = min(stage.shadow_radius, reach)
    hills = (
        hill_shade(stage.relief, stage.key.toward, stage.shade_extent, min(max(long_side // 4, 96), 300))
        if stage.relief
        else None
    )
    shade_of = Shade(cast(stage.key, stage.solids, vector(0, 1, 0), radius, pixels, stage.walled), hills)
    mirror = _mirror(stage, view, near, shade_of) if stage.ground.wet else None
    land = survey(stage.relief, view) if stage.relief else None
    cast_of = np.array([0 <= solid.body < CAST for solid in stage.solids] or [False])
    return Crew(stage, view, near, windows(view, stage.solids), land, shade_of, mirror, cast_of)


def _mirror(stage: Stage, view: View, near: list[list[Solid]], shade_of: Shade) -> Floats:
    """The stage as the puddles show it, small."""
    width = min(view.width, 480)
    small = view.resized(width, max(1, round(view.height * width / view.width))).mirrored()
    hits = trace(small, stage.solids, windows(small, stage.solids), 0, small.height)
    dry = replace(stage, feet=[])
    return shade(dry, small, hits, surfaces(dry, near, None, small, hits), shade_of, None)
