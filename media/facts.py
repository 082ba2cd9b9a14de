"""What the decoding child tells its parent about a picture; it knows neither Django nor Pillow."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Facts:
    """What a full decode found: size of the upright picture in pixels, likeness as signed 64-bit integer."""

    media_type: str
    width: int
    height: int
    phash: int
