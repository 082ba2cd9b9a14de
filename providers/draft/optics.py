"""The lens: circles of confusion from the depth, blur in discs, softened stair-steps."""

import numpy as np
from numpy.typing import NDArray

from grammar import Camera
from providers.draft.arrays import Floats, enlarge, pooled, shrink

# Radii of blur in pixels of a picture 680 wide, and the further shrinking at which each is worked out.
LEVELS = ((1.5, 1), (3.2, 1), (7.0, 2), (14.0, 2))
WORKING_WIDTH = 680


def confusion(camera: Camera, depth: Floats, focus: float) -> Floats:
    """Radius of blur in working pixels; negative in front of the plane of focus at `focus` metres."""
    focal = camera.focal_mm / 1000
    scale = focal / camera.aperture * focal / max(focus - focal, 0.05) / 0.036 * WORKING_WIDTH / 2
    return np.asarray(np.clip((1 - np.float32(focus) / depth) * np.float32(scale), -20, 20), dtype=np.float32)


class Lens:
    """Blurred copies of a picture, made once and mixed per band."""

    def __init__(self, linear: NDArray[np.float16], blur: NDArray[np.float16]) -> None:
        self.height, self.width = linear.shape[1:]
        factor = max(1, self.width // WORKING_WIDTH)
        small, radius = pooled(linear, factor), pooled(blur, factor)
        self.scale = self.width / factor / WORKING_WIDTH
        self.far = [
            _layer(small, np.clip(radius / r - 0.15, 0, 1), r, by, self.scale)
            for r, by in LEVELS
            if radius.max() > r * 0.5
        ]
        nearest = float(-radius.min())
        self.near = _near_layer(small, -radius, min(nearest, 9.0), self.scale) if nearest > 1.2 else None

    def through(self, band: Floats, blur: Floats, top: int) -> Floats:
        """The band of sharp rows as the lens draws it."""
        bottom, low = top + band.shape[1], 0.35
        for (radius, _), layer in zip(LEVELS, self.far, strict=False):
            share = np.clip((blur - low) * np.float32(1 / (radius - low)), 0, 1)
            low = radius
            if share.any():
                band = band + (enlarge(layer, self.height, self.width, top, bottom) - band) * share
        if self.near is not None:
            cover = enlarge(self.near, self.height, self.width, top, bottom)
            band = band * (1 - cover[3]) + cover[:3]
        return band


def _layer(small: Floats, weight: Floats, radius: float, by: int, scale: float) -> Floats:
    """Discs of what is itself out of focus; what is sharp does not bleed into it."""
    weighted = shrink(np.concatenate((small * weight, weight[None])), by)
    spread = disc_blur(weighted, radius * scale / by)
    return np.asarray(spread[:3] / np.maximum(spread[3], 1e-3), dtype=np.float32)


def _near_layer(small: Floats, radius: Floats, widest: float, scale: float) -> Floats:
    """Soft foreground with its cover (4, h, w), to be laid over the rest."""
    weight = np.clip(radius / 1.5 - 0.3, 0, 1)
    return disc_blur(shrink(np.concatenate((small * weight, weight[None])), 2), widest * scale / 2)


def disc_blur(image: Floats, radius: float) -> Floats:
    """Mean over a disc, as the open aperture draws a point."""
    reach = max(1, int(radius))
    height, width = image.shape[1:]
    padded = np.pad(image, ((0, 0), (reach, reach), (reach + 1, reach)), mode="edge")
    running = np.cumsum(padded, axis=2, dtype=np.float64).astype(np.float64)
    total, count = np.zeros(image.shape, np.float64), 0
    for dy in range(-reach, reach + 1):
        half = int(np.sqrt(max((radius + 0.4) ** 2 - dy * dy, 0)))
        half = min(half, reach)
        rows = running[:, reach + dy : reach + dy + height]
        start = reach + 1
        total += (
            rows[:, :, start + half : start + half + width]
            - rows[:, :, start - half - 1 : start - half - 1 + width]
        )
        count += 2 * half + 1
    return np.asarray(total / count, dtype=np.float32)


def smooth_edges(picture: Floats) -> Floats:
    """Softens stair-steps: where brightness jumps between neighbours, a pixel takes half of theirs."""
    luma = picture[0] * np.float32(0.3) + picture[1] * np.float32(0.59) + picture[2] * np.float32(0.11)
    jump = np.zeros_like(luma)
    across, down = np.abs(np.diff(luma, axis=1)), np.abs(np.diff(luma, axis=0))
    jump[:, 1:-1] = np.maximum(across[:, 1:], across[:, :-1])
    jump[1:-1] = np.maximum(jump[1:-1], np.maximum(down[1:], down[:-1]))
    jump[0] = jump[-1] = jump[:, 0] = jump[:, -1] = 0
    rows, columns = np.nonzero(jump > 0.045)
    if rows.size:
        share = np.minimum((jump[rows, columns] - np.float32(0.045)) * 5, np.float32(0.55))
        around = picture[:, rows - 1, columns] + picture[:, rows + 1, columns]
        around = (around + picture[:, rows, columns - 1] + picture[:, rows, columns + 1]) * np.float32(0.25)
        own = picture[:, rows, columns]
        picture[:, rows, columns] = own + (around - own) * share
    return picture
