"""What a route is asked for: plain values and files by path, never a model instance or a session."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class ReferenceFile:
    """A picture on this machine that guides an order.

    `role` is one of subject, scene, composition, style, palette, texture, product, lighting, character.
    """

    path: Path
    role: str


@dataclass(frozen=True, slots=True)
class Order:
    """One request for pictures, complete in itself.

    `width` and `height` are pixels of each picture; `media_format` is "png", "jpeg" or "webp"; `count` is
    pictures, or panels when `series` is true; `seed` is a non-negative integer; `references` stand in the
    order in which the prompt counts them.
    """

    prompt: str
    negative_prompt: str
    width: int
    height: int
    media_format: str
    count: int
    series: bool
    seed: int
    references: tuple[ReferenceFile, ...] = ()
