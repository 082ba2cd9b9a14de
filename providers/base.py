"""What a route is asked for: plain values and files by path, never a model instance or a session."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class ReferenceFile:
    """A picture on this machine that guides an order.

    `role` is one of subject, scene, composition, style, palette, texture, product, lighting, character;
    `name` is how the prompt mentions it, without the @.
    """

    path: Path
    role: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class ElementFile:
    """A recurring character, object, product, costume, place or style, with its photos on this machine.

    `kind` is one of these six. `name` is its handle, as the prompt mentions it without the @; `version` names
    the frozen version ("mara@3"); `title` has at most 20 characters and `description` at most 100, as Kling
    asks; `angles` stand best first; `panels` counts from 1 and says where in a series it appears, empty for
    everywhere.
    """

    name: str
    version: str
    kind: str
    title: str
    description: str
    front: Path
    angles: tuple[Path, ...] = ()
    panels: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Order:
    """One request for pictures, complete in itself.

    `width` and `height` are pixels of each picture; `media_format` is "png", "jpeg" or "webp"; `count` is
    pictures, or panels when `series` is true; `seed` is a non-negative integer; `references` and `elements`
    stand in the order that was chosen. `resolution` is "1K", "2K" or "4K" and `ratio` "16:9" and so on or
    "auto": what a provider takes instead of pixels. The prompt mentions elements and references as `@name`;
    what a provider writes in their place is its adapter's business.
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
    elements: tuple[ElementFile, ...] = ()
    resolution: str = "1K"
    ratio: str = "16:9"
