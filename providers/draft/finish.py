"""Finishing: bloom, filmic curve, vignette, grain; band by band, so that 4K stays within its memory."""

import numpy as np
from numpy.typing import NDArray

from grammar import Look
from providers.draft.arrays import Floats, enlarge, noise, shrink, soft_blur


def bloom(small: Floats) -> Floats:
    """The glow that bright places leave, from a small linear picture (3, h, w)."""
    bright = np.maximum(small - np.float32(0.75), 0)
    bright = bright / (1 + bright * np.float32(0.12))
    unit = small.shape[2] / 340
    return np.asarray(
        soft_blur(bright, 2.2 * unit) * 0.30
        + soft_blur(bright, 8 * unit) * 0.22
        + soft_blur(bright, 26 * unit) * 0.20,
        dtype=np.float32,
    )


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
    texture = np.roll(noise(37, 0.28), (seed * 37, seed * 61), (0, 1))
    rows = np.arange(top, top + picture.shape[1]) % texture.shape[0]
    columns = np.arange(picture.shape[2]) % texture.shape[1]
    speck = (texture[np.ix_(rows, columns)] - np.float32(0.5)) * np.float32(0.13 * look.grain)
    tone = picture.mean(axis=0)
    return np.asarray(picture + speck * (np.float32(0.35) + 2.2 * tone * (1 - tone)), dtype=np.float32)


def to_bytes(picture: Floats) -> NDArray[np.uint8]:
    return np.asarray(np.moveaxis(np.clip(picture * 255 + np.float32(0.5), 0, 255), 0, -1).astype(np.uint8))


__all__ = ["bloom", "enlarge", "filmic", "grain", "shrink", "to_bytes", "vignette"]
