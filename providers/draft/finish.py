"""Finishing: bloom, filmic curve, vignette, grain; band by band, so that 4K stays within its memory."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from grammar import Look, Scene
from providers.draft.arrays import Floats, enlarge, noise, pooled, shrink, soft_blur
from providers.draft.optics import Lens, smooth_edges
from providers.draft.weather import falling

BAND_PIXELS = 64_000


def bloom(small: Floats) -> Floats:
    """The glow that bright places leave, from a small linear picture (3, h, w)."""
    bright = np.maximum(small - np.float32(0.75), 0)
    bright = bright / (1 + bright * np.float32(0.12))
    unit = small.shape[2] / 340
    height, width = bright.shape[1:]
    total = soft_blur(bright, 2.2 * unit) * np.float32(0.30)
    for radius, share, factor in ((8, 0.22, 2), (26, 0.20, 4)):
        wide = soft_blur(shrink(bright, factor), radius * unit / factor)
        total += enlarge(wide, height, width, 0, height) * np.float32(share)
    return total


def filmic(linear: Floats) -> Floats:
    """A curve with a toe and a long shoulder, then the display's gamma (ACES-like fit)."""
    x = linear * np.float32(0.72)
    curve = (x * (2.51 * x + np.float32(0.03))) / (x * (2.43 * x + np.float32(0.59)) + np.float32(0.14))
    return np.asarray(np.sqrt(np.sqrt(np.clip(curve, 0, 1)) ** np.float32(1.82)), dtype=np.float32)


def vignette(height: int, width: int, top: int, bottom: int) -> Floats:
    y = (np.arange(top, bottom, dtype=np.float32) + 0.5) / height * 2 - 1
    x = (np.arange(width, dtype=np.float32) + 0.5) / width * 2 - 1
    square = (x[None, :] ** 2 + y[:, None] ** 2) * np.float32(0.5)
    return np.asarray(1 - np.float32(0.42) * square**1.4, dtype=np.float32)


def grain(look: Look, picture: Floats, top: int, seed: int) -> Floats:
    """Film grain at native pixels, strongest in the middle tones."""
    texture = np.roll(noise(37, 0.28)[:-1, :-1], (seed * 37, seed * 61), (0, 1))
    rows = np.arange(top, top + picture.shape[1]) % texture.shape[0]
    columns = np.arange(picture.shape[2]) % texture.shape[1]
    speck = (texture[np.ix_(rows, columns)] - np.float32(0.5)) * np.float32(0.058 * look.grain)
    tone = picture.mean(axis=0)
    return np.asarray(picture + speck * (np.float32(0.35) + 2.2 * tone * (1 - tone)), dtype=np.float32)


def to_bytes(picture: Floats) -> NDArray[np.uint8]:
    return np.asarray(np.moveaxis(np.clip(picture * 255 + np.float32(0.5), 0, 255), 0, -1).astype(np.uint8))


@dataclass(frozen=True, slots=True, eq=False)
class Exposure:
    """Linear light (3, h, w), radius of blur (h, w) in working pixels, the cast's outline, and lit air.

    `air` holds two small pictures: as seen against the set, and as seen against the cast.
    """

    linear: NDArray[np.float16]
    blur: NDArray[np.float16]
    people: NDArray[np.bool_]
    air: tuple[Floats, Floats]


def develop(scene: Scene, exposure: Exposure, seed: int) -> Image.Image:
    """From light to an ungraded picture: lens, glow, weather, curve, edges, grain."""
    _, height, width = exposure.linear.shape
    glow, on_cast = _glow(exposure)
    lens = Lens(exposure.linear, exposure.blur)
    drops = falling(scene, width, height, seed)
    out = np.empty((height, width, 3), np.uint8)
    rows = max(8, BAND_PIXELS // width)
    for top in range(0, height, rows):
        bottom = min(top + rows, height)
        band = exposure.linear[:, top:bottom].astype(np.float32)
        band = lens.through(band, exposure.blur[top:bottom].astype(np.float32), top)
        haze = enlarge(glow, height, width, top, bottom)
        people = exposure.people[top:bottom]
        if people.any():
            haze = np.where(people, enlarge(on_cast, height, width, top, bottom), haze)
        band += haze
        if drops is not None:
            band += (haze * np.float32(0.8) + band * np.float32(0.5) + np.float32(0.035)) * (
                drops[top:bottom] * np.float32(1 / 110)
            )
        band *= vignette(height, width, top, bottom)
        out[top:bottom] = to_bytes(grain(scene.look, smooth_edges(filmic(band)), top, seed))
    return Image.fromarray(out)


def _glow(exposure: Exposure) -> tuple[Floats, Floats]:
    """Bloom and lit air together, small: over the set, and (less of it) over the cast."""
    small = pooled(exposure.linear, max(1, exposure.linear.shape[2] // 340))
    height, width = small.shape[1:]
    behind, near = (enlarge(air, height, width, 0, height) for air in exposure.air)
    glow = bloom(small + behind)
    return glow + behind, glow * np.float32(0.3) + near
