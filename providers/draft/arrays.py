"""Small array habits shared by the engine: planar vectors, smooth steps, box blurs, seeded noise."""

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

type Floats = NDArray[np.float32]
type Vector = NDArray[np.float64]
type Mask = NDArray[np.bool_]

NOISE_SIZE = 512


def vector(x: float, y: float, z: float) -> Vector:
    return np.array((x, y, z), dtype=np.float64)


def unit(v: Vector) -> Vector:
    return v / max(float(np.linalg.norm(v)), 1e-9)


def rgb(x: float, y: float, z: float) -> Floats:
    return np.array((x, y, z), dtype=np.float32)


def dot(a: Floats, b: Floats | Vector) -> Floats:
    """Scalar product of planar vectors (3, …); `b` may be one vector for all."""
    out = a[0] * np.float32(b[0]) if np.ndim(b[0]) == 0 else a[0] * b[0]
    for i in (1, 2):
        out = out + (a[i] * np.float32(b[i]) if np.ndim(b[i]) == 0 else a[i] * b[i])
    return np.asarray(out, dtype=np.float32)


def square(v: Floats) -> Floats:
    """Squared length of planar vectors (3, …)."""
    return np.asarray(v[0] * v[0] + v[1] * v[1] + v[2] * v[2], dtype=np.float32)


def smoothstep(low: float, high: float, x: Floats) -> Floats:
    t = np.clip((x - np.float32(low)) * np.float32(1 / (high - low)), 0, 1)
    return np.asarray(t * t * (3 - 2 * t), dtype=np.float32)


def mix(a: Floats, b: Floats, t: Floats) -> Floats:
    return np.asarray(a + (b - a) * t, dtype=np.float32)


def cells(x: Floats, y: Floats, salt: int = 0) -> Floats:
    """A number in [0, 1) for each integer cell, the same on every call."""
    h = (
        x.astype(np.int32) * np.int32(374761393)
        + y.astype(np.int32) * np.int32(668265263)
        + np.int32(salt * 69069 % 2147483647)
    )
    h = (h ^ (h >> np.int32(13))) * np.int32(1274126177)
    h ^= h >> np.int32(16)
    return np.asarray((h & np.int32(0xFFFF)).astype(np.float32) / 65536, dtype=np.float32)


@lru_cache(maxsize=16)
def noise(salt: int, beta: float) -> Floats:
    """A tileable cloud of 512 × 512, mean 0.5, deviation about 0.17; a larger `beta` is smoother.

    The first row and column stand again at the end, for `sample`.
    """
    rng = np.random.default_rng(salt)
    size = NOISE_SIZE
    frequency = np.hypot(np.fft.fftfreq(size)[:, None], np.fft.rfftfreq(size)[None, :])
    frequency[0, 0] = 1.0
    spectrum = np.exp(2j * np.pi * rng.random(frequency.shape)) * frequency ** (-beta)
    spectrum[0, 0] = 0
    field = np.fft.irfft2(spectrum, s=(size, size))
    tile = np.clip(field / field.std() * 0.17 + 0.5, 0, 1).astype(np.float32)
    return np.pad(tile, (0, 1), mode="wrap")


def sample(texture: Floats, u: Floats, v: Floats) -> Floats:
    """Bilinear look-up in a tileable texture from `noise`; `u` and `v` count in tiles."""
    x, y = u * np.float32(NOISE_SIZE), v * np.float32(NOISE_SIZE)
    column, row = np.floor(x), np.floor(y)
    x -= column
    y -= row
    mask, step = np.int32(NOISE_SIZE - 1), NOISE_SIZE + 1
    index = ((row.astype(np.int32) & mask) * np.int32(step) + (column.astype(np.int32) & mask)).astype(
        np.intp
    )
    flat = texture.ravel()
    top = flat[index]
    top += (flat[index + 1] - top) * x
    index += step
    low = flat[index]
    low += (flat[index + 1] - low) * x
    low -= top
    top += low * y
    return np.asarray(top, dtype=np.float32)


def box_blur(image: Floats, radius: int, axis: int) -> Floats:
    """A running mean of 2 radius + 1 along one axis; edges are repeated."""
    if radius < 1:
        return image
    pads = [(0, 0)] * image.ndim
    pads[axis] = (radius + 1, radius)
    total = np.cumsum(np.pad(image, pads, mode="edge"), axis=axis, dtype=np.float64)
    span, length = 2 * radius + 1, image.shape[axis]
    upper = np.take(total, range(span, span + length), axis=axis)
    lower = np.take(total, range(length), axis=axis)
    return np.asarray((upper - lower) / span, dtype=np.float32)


def soft_blur(image: Floats, radius: float) -> Floats:
    """Close to a Gaussian of this radius over the last two axes: three box blurs each way."""
    step = max(1, round(radius * 0.6))
    for axis in (image.ndim - 1, image.ndim - 2):
        for _ in range(3):
            image = box_blur(image, min(step, image.shape[axis] - 1), axis)
    return image


def shrink(image: Floats, factor: int) -> Floats:
    """Means of factor × factor blocks over the last two axes; the rest at the edges is repeated."""
    if factor == 1:
        return image
    height, width = image.shape[-2:]
    pads = [(0, 0)] * (image.ndim - 2) + [(0, -height % factor), (0, -width % factor)]
    padded = np.pad(image, pads, mode="edge") if any(p[1] for p in pads) else image
    # Sums of every so-manieth row and column: a mean over an axis of two or four is many times slower.
    rows = padded[..., ::factor, :].astype(np.float32)
    for k in range(1, factor):
        rows += padded[..., k::factor, :]
    blocks = rows[..., ::factor].copy()
    for k in range(1, factor):
        blocks += rows[..., k::factor]
    blocks *= np.float32(1 / factor**2)
    return blocks


def pooled(image: NDArray[np.float16], factor: int) -> Floats:
    """`shrink` of a large half-precision picture, a few rows at a time."""
    rows = factor * 16
    parts = [
        shrink(image[..., top : top + rows, :].astype(np.float32), factor)
        for top in range(0, image.shape[-2], rows)
    ]
    return np.concatenate(parts, axis=-2)


def enlarge(image: Floats, height: int, width: int, top: int, bottom: int) -> Floats:
    """Rows top:bottom of the image stretched bilinearly to height × width over its last two axes."""
    source_h, source_w = image.shape[-2:]
    y = np.clip((np.arange(top, bottom) + 0.5) * source_h / height - 0.5, 0, source_h - 1)
    x = np.clip((np.arange(width) + 0.5) * source_w / width - 0.5, 0, source_w - 1)
    y0, x0 = y.astype(np.int32), x.astype(np.int32)
    fy, fx = (y - y0).astype(np.float32)[:, None], (x - x0).astype(np.float32)
    y1, x1 = np.minimum(y0 + 1, source_h - 1), np.minimum(x0 + 1, source_w - 1)
    low = int(y0[0])
    part = image[..., low : int(y1[-1]) + 1, :]
    tall = np.take(part, y0 - low, axis=-2)
    tall += (np.take(part, y1 - low, axis=-2) - tall) * fy
    wide = np.take(tall, x0, axis=-1)
    step = np.take(tall, x1, axis=-1)
    step -= wide
    step *= fx
    wide += step
    return np.asarray(wide, dtype=np.float32)
