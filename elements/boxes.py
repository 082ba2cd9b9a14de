"""Boxes in a picture: read from what people send, fitted to a ratio, followed from a photo to its crop."""

import math
from collections.abc import Mapping

from accounts.people import RefusedError
from media.facts import Box

# Width by height; "free" keeps the box as it was drawn.
RATIOS: Mapping[str, float | None] = {
    "free": None,
    "1:1": 1.0,
    "3:4": 3 / 4,
    "4:3": 4 / 3,
    "4:5": 4 / 5,
    "16:9": 16 / 9,
}
SIDES = ("left", "top", "width", "height")
WHOLE: Box = (0.0, 0.0, 1.0, 1.0)
# Browsers send rounded shares, which may add up to a little more than the picture.
ROUNDING = 0.0015
# A face of which less is left is no face any more.
LEAST_FACE = 0.6

NO_NUMBERS = "Give left, top, width and height of the box as numbers from 0 to 1."
EMPTY = "The box is empty. Its width and its height must be more than 0."
OUTSIDE = "The box reaches outside the picture. Left and width, top and height add up to at most 1."


def read(told: Mapping[str, str]) -> Box:
    """The box of a form. Raises RefusedError, whose text is one sentence for people."""
    try:
        left, top, width, height = (float(told.get(side, "").replace(",", ".")) for side in SIDES)
    except ValueError:
        raise RefusedError(NO_NUMBERS) from None
    if not all(map(math.isfinite, (left, top, width, height))):
        raise RefusedError(NO_NUMBERS)
    if width <= 0 or height <= 0:
        raise RefusedError(EMPTY)
    if min(left, top) < 0 or max(left + width, top + height) > 1 + ROUNDING or max(left, top) >= 1:
        raise RefusedError(OUTSIDE)
    return left, top, min(width, 1 - left), min(height, 1 - top)


def fitted(box: Box, ratio: float | None, size: tuple[int, int]) -> Box:
    """The largest box of this ratio inside `box`, around its middle. `size` is that of the picture."""
    if ratio is None:
        return box
    left, top, width, height = box
    share = ratio * size[1] / size[0]  # of a box's width by its height, in fractions
    wide, tall = min(width, height * share), min(height, width / share)
    return left + (width - wide) / 2, top + (height - tall) / 2, wide, tall


def around(face: Box | None) -> Box:
    """What a crop most often keeps: the head and the shoulders, or a little less than everything."""
    if face is None:
        return (0.1, 0.1, 0.8, 0.8)
    left, top, width, height = face
    start = max(0.0, left - width), max(0.0, top - 0.6 * height)
    end = min(1.0, left + 2 * width), min(1.0, top + 2.2 * height)
    return *start, end[0] - start[0], end[1] - start[1]


def seen_through(window: Box, box: Box) -> Box | None:
    """`box` in fractions of `window`, both given in the same picture; None when too little of it is left.

    A window may be larger than the picture.
    """
    left, top = max(box[0], window[0]), max(box[1], window[1])
    right, bottom = min(box[0] + box[2], window[0] + window[2]), min(box[1] + box[3], window[1] + window[3])
    width, height = right - left, bottom - top
    if min(width, height) <= 0 or width * height < LEAST_FACE * box[2] * box[3]:
        return None
    return (
        (left - window[0]) / window[2],
        (top - window[1]) / window[3],
        width / window[2],
        height / window[3],
    )
