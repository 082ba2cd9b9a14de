"""What adapters share: the provider's word for each input, which photos go, and marks in the prompt."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from grammar.mentions import mentions
from providers import catalogue
from providers.base import ElementFile, Order, ReferenceFile

ROLES = {
    "character": "subject",
    "object": "subject",
    "product": "subject",
    "costume": "subject",
    "place": "scene",
    "style": "style",
}


@dataclass(frozen=True, slots=True)
class Known:
    """What a provider knows the inputs of an order as, once they are prepared.

    `files` holds, by path, what stands in the body for a file: an address, a data URI, raw base64 or the
    provider's own id, as its adapter sends it. `elements` holds the provider's number of an element by
    version ("mara@3"), where elements are created beforehand.
    """

    files: Mapping[Path, str] = field(default_factory=dict)
    elements: Mapping[str, int | str] = field(default_factory=dict)


def placeholders(order: Order) -> Known:
    """Readable stand-ins for every input, to show what will be sent before anything is uploaded."""
    files: dict[Path, str] = {}
    for position, reference in enumerate(order.references, 1):
        label = f"@{reference.name}" if reference.name else f"reference {position}"
        files.setdefault(reference.path, f"<{label}>")
    for element in order.elements:
        files.setdefault(element.front, f"<front of @{element.name}>")
        for position, angle in enumerate(element.angles, 1):
            files.setdefault(angle, f"<angle {position} of @{element.name}>")
    return Known(files, {element.version: f"<number of @{element.version}>" for element in order.elements})


def photos(element: ElementFile, endpoint: catalogue.Endpoint) -> tuple[Path, ...]:
    """The photos of an element that this endpoint gets: the front, then the best angles.

    Where the endpoint wants an angle and there is none, the front stands in for it.
    """
    angles = element.angles[: endpoint.angles_max] or (element.front,) * endpoint.angles_min
    return (element.front, *angles)


def as_references(order: Order) -> Order:
    """The order for a route without elements: their fronts follow the chosen references, names kept."""
    fronts = (ReferenceFile(element.front, ROLES[element.kind], element.name) for element in order.elements)
    return replace(order, references=(*order.references, *fronts), elements=())


def settled_format(order: Order, endpoint: catalogue.Endpoint) -> str:
    """The format as this endpoint takes it; its own default for one that it does not make."""
    return order.media_format if order.media_format in endpoint.formats else endpoint.formats[0]


def settled_ratio(order: Order, endpoint: catalogue.Endpoint) -> str:
    """The ratio as this endpoint takes it: "auto" only where it follows a reference by itself."""
    if order.ratio in endpoint.ratios:
        return order.ratio
    return catalogue.nearest_ratio(endpoint, order.width, order.height)


def marked(prompt: str, marks: Mapping[str, str]) -> str:
    """The prompt with the mark of its input for every mention in `marks`; all else stays to the letter."""
    for mention in reversed(mentions(prompt)):
        if mention.name in marks:
            prompt = prompt[: mention.start] + marks[mention.name] + prompt[mention.end :]
    return prompt
