"""What the decoding child tells its parent about a picture; it knows neither Django nor Pillow."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Facts:
    """What a full decode found: size of the upright picture in pixels, likeness as signed 64-bit integer."""

    media_type: str
    width: int
    height: int
    phash: int


# Left, top, width and height, in fractions of the upright picture.
type Box = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Part:
    """Figures of a picture, or of a box in it.

    `width` and `height` are pixels of the original. `sharpness` is the variance of the Laplacian as a share
    of that of luma; `luma` (mean) and `contrast` (deviation) go from 0 to 255; `shadows` and `highlights` are
    the shares that are clipped.
    """

    width: int
    height: int
    sharpness: float
    luma: float
    contrast: float
    shadows: float
    highlights: float


@dataclass(frozen=True, slots=True)
class Measures:
    """What was measured of a photo: whole, and of its subject, the marked face or else the middle.

    `background` is the share of what is around it that lies on edges, None for nothing. `turned` is the
    orientation mark that was applied, 1 for none.
    """

    whole: Part
    subject: Part
    background: float | None
    turned: int


def read_measures(values: Mapping[str, Any]) -> Measures:
    """Measures from their JSON; KeyError or TypeError when something is missing."""
    return Measures(
        Part(**values["whole"]), Part(**values["subject"]), values["background"], values["turned"]
    )
