"""The draft engine: an order and an index in, the bytes of one previs picture out."""

from dataclasses import replace
from hashlib import sha256

import numpy as np
from numpy.typing import NDArray

from grammar import Scene, read, split_panels
from providers.base import Order
from providers.draft import finish
from providers.draft.arrays import Floats, enlarge, shrink, vector
from providers.draft.blocking import block
from providers.draft.camera import View, framing, stand
from providers.draft.encode import encode
from providers.draft.light import shade
from providers.draft.raster import lay_ground, trace, windows
from providers.draft.sets import build
from providers.draft.shadows import cast
from providers.draft.stage import Stage
from providers.draft.surfaces import neighbours, surfaces

BAND_PIXELS = 130_000


def derived_seed(*parts: object) -> int:
    """A seed that depends on all parts and on nothing else."""
    return int.from_bytes(sha256("\x1f".join(map(str, parts)).encode()).digest()[:6], "big")


def scene_for(order: Order, index: int) -> Scene:
    """What picture `index` shows: in a series its own panel under the words that hold for all."""
    common, panels = split_panels(order.prompt)
    if not (order.series and panels):
        return read(order.prompt)
    return read(f"{common} {panels[index % len(panels)]}")


def draw(order: Order, index: int) -> bytes:
    """Picture `index` of the order, exactly width × height, in its format; the same bytes every time."""
    scene = scene_for(order, index)
    pixels = picture(scene, order, index)
    return encode(pixels, order.media_format)


def picture(scene: Scene, order: Order, index: int) -> NDArray[np.uint8]:
    """Pixels (height, width, 3)."""
    take = derived_seed(order.seed, index)
    blocking = block(scene, derived_seed(order.seed, "world"), take)
    stage = build(scene, blocking)
    frame = framing(scene, order.width / order.height, blocking.side, blocking.spread)
    view = stand(scene, frame, order.width, order.height)
    linear = render(stage, view)
    return _finish(scene, linear, take % 997)


def render(stage: Stage, view: View) -> NDArray[np.float16]:
    """The linear picture (3, height, width), band by band."""
    near = neighbours(stage.solids)
    pixels = 640 if view.width * view.height < 2_500_000 else 1100
    shadow = cast(stage.key, stage.solids, vector(0, 1, 0), stage.shadow_radius, pixels)
    mirror = _mirror(stage, view, near, shadow) if stage.ground.wet else None
    boxes = windows(view, stage.solids)
    linear = np.empty((3, view.height, view.width), np.float16)
    rows = max(8, BAND_PIXELS // view.width)
    for top in range(0, view.height, rows):
        bottom = min(top + rows, view.height)
        hits = trace(view, stage.solids, boxes, top, bottom)
        lay_ground(view, hits)
        surface = surfaces(stage, near, view, hits)
        band = shade(stage, view, hits, surface, shadow, mirror)
        linear[:, top:bottom] = np.minimum(band, 60)
    return linear


def _mirror(stage: Stage, view: View, near: list, shadow) -> Floats:  # type: ignore[no-untyped-def,type-arg]
    """The stage as the puddles show it, small."""
    width = min(view.width, 480)
    small = view.resized(width, max(1, round(view.height * width / view.width))).mirrored()
    hits = trace(small, stage.solids, windows(small, stage.solids), 0, small.height)
    dry = replace(stage, feet=[])
    return shade(dry, small, hits, surfaces(dry, near, small, hits), shadow, None)


def _finish(scene: Scene, linear: NDArray[np.float16], seed: int) -> NDArray[np.uint8]:
    _, height, width = linear.shape
    factor = max(1, width // 340)
    small = np.concatenate(
        [
            shrink(linear[:, top : top + factor * 16].astype(np.float32), factor)
            for top in range(0, height, factor * 16)
        ],
        axis=1,
    )
    glow = finish.bloom(small)
    out = np.empty((height, width, 3), np.uint8)
    rows = max(8, BAND_PIXELS // width)
    for top in range(0, height, rows):
        bottom = min(top + rows, height)
        band = linear[:, top:bottom].astype(np.float32) + enlarge(glow, height, width, top, bottom)
        band *= finish.vignette(height, width, top, bottom)
        out[top:bottom] = finish.to_bytes(finish.grain(scene.look, finish.filmic(band), top, seed))
    return out
