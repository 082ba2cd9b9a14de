"""What the decoding child is asked to make of a picture; it knows neither Django nor Pillow."""

from dataclasses import dataclass

from media.facts import Box


@dataclass(frozen=True, slots=True)
class Recipe:
    """Steps from a picture to another one, taken in this order; None leaves one out.

    `crop` cuts a box out. `keep` blurs everything outside the head at this face box and the body below it.
    `size` scales to these pixels. `canvas` lays the picture into the middle of so many pixels, on the colour
    of its border. `media_format` is "JPEG" or "PNG"; None keeps PNG, and pictures that let something through,
    and makes JPEG of all others. `most_bytes` lets a JPEG be squeezed until it fits.
    """

    crop: Box | None = None
    keep: Box | None = None
    size: tuple[int, int] | None = None
    canvas: tuple[int, int] | None = None
    media_format: str | None = None
    most_bytes: int | None = None
