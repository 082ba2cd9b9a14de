"""What can be measured of a photo, in the limited child: sharpness, exposure, and how busy it is around.

A measure says the same of a small and of a large file, since a part is looked at in a size of its own.
Thresholds are not here: `elements.scorecard` reads the figures.
"""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter
from PIL.Image import Resampling

from media import pixels
from media.facts import Box, Measures, Part

Luma = NDArray[np.float32]

# Longest edges, in pixels, in which the whole, the subject and the background are looked at.
WHOLE_EDGE, SUBJECT_EDGE, BACKGROUND_EDGE = 1024, 128, 512
# Where nobody marked a face, the subject is taken to stand in the middle.
MIDDLE: Box = (0.2, 0.2, 0.6, 0.6)
SHADOW, HIGHLIGHT = 8, 247
# Neighbouring pixels further apart than this make an edge: about a third of a stop, in light and in shade.
EDGE_STEPS = 12.0
# A background smaller than this share of the picture says nothing.
LEAST_BACKGROUND = 0.05


def measure(source: Path, face: Box | None) -> Measures:
    """Decode `source` fully and measure it, whole and inside `face`, or in its middle."""
    picture, turned = pixels.upright(source)
    grey = pixels.opaque(picture).convert("L")
    return Measures(
        whole=_part(grey, WHOLE_EDGE),
        subject=_part(_inside(grey, face or MIDDLE), SUBJECT_EDGE if face else WHOLE_EDGE),
        background=_busyness(_luma(grey, BACKGROUND_EDGE), face),
        turned=turned,
    )


def _part(grey: Image.Image, edge: int) -> Part:
    luma = _luma(grey, edge)
    return Part(
        width=grey.width,
        height=grey.height,
        sharpness=_sharpness(luma),
        luma=_rounded(luma.mean()),
        contrast=_rounded(luma.std()),
        shadows=_rounded((luma < SHADOW).mean()),
        highlights=_rounded((luma > HIGHLIGHT).mean()),
    )


def _sharpness(luma: Luma) -> float:
    """Variance of the Laplacian as a share of the variance of luma, so that dim light does not count."""
    if min(luma.shape) < 3:
        return 0.0
    inner = luma[1:-1, 1:-1]
    laplacian = luma[:-2, 1:-1] + luma[2:, 1:-1] + luma[1:-1, :-2] + luma[1:-1, 2:] - 4 * inner
    return _rounded(laplacian.var() / max(1.0, float(luma.var())))


def _busyness(luma: Luma, face: Box | None) -> float | None:
    """The share of the background that lies on edges or beside them, so that sharp ones count like soft."""
    outside = _outside(luma.shape[0], luma.shape[1], face)[:-1, :-1]
    if not outside.size or outside.mean() < LEAST_BACKGROUND:
        return None
    stops = 40 * np.log2(luma + 16)
    steps = np.abs(np.diff(stops, axis=0))[:, :-1] + np.abs(np.diff(stops, axis=1))[:-1]
    edges = Image.fromarray(steps > EDGE_STEPS).convert("L").filter(ImageFilter.MaxFilter(3))
    return _rounded((np.asarray(edges)[outside] > 0).mean())


def _outside(height: int, width: int, face: Box | None) -> NDArray[np.bool_]:
    """Which pixels are neither the subject's head, with its hair, nor the body below it."""
    outside = np.ones((height, width), dtype=bool)
    left, top, wide, tall = face or MIDDLE
    if face is None:
        outside[_span(top, top + tall, height), _span(left, left + wide, width)] = False
        return outside
    head = _span(top - 0.35 * tall, top + tall, height), _span(left - 0.3 * wide, left + 1.3 * wide, width)
    body = _span(top + tall, 1.0, height), _span(left - wide, left + 2 * wide, width)
    outside[head] = False
    outside[body] = False
    return outside


def _span(start: float, end: float, length: int) -> slice:
    return slice(max(0, round(start * length)), max(0, round(end * length)))


def _inside(picture: Image.Image, box: Box) -> Image.Image:
    return picture.crop(pixels.in_pixels(box, picture.size))


def _luma(grey: Image.Image, edge: int) -> Luma:
    share = min(1.0, edge / max(grey.size))
    size = max(1, round(grey.width * share)), max(1, round(grey.height * share))
    shrunk = grey if size == grey.size else grey.resize(size, Resampling.BOX)
    return np.asarray(shrunk, dtype=np.float32)


def _rounded(value: float | np.floating) -> float:
    return round(float(value), 4)
