"""What a route is asked for, made from rows: references and elements as files, the rest as it was frozen."""

from collections.abc import Sequence

import grammar
from elements import photos
from elements.models import ElementVersion
from generations.binding import Guide, Pinned
from generations.models import Generation
from grammar import mentions
from media import storage
from providers.base import ElementFile, Order, ReferenceFile


def of_generation(generation: Generation) -> Order:
    request = generation.request
    prompt = request["prompt"]
    return Order(
        prompt=prompt,
        negative_prompt=request["negative_prompt"],
        width=generation.width,
        height=generation.height,
        media_format=generation.media_format,
        count=generation.count,
        series=generation.is_series,
        seed=generation.seed,
        references=references(guides(generation)),
        elements=elements(prompt, pinned(generation)) if request.get("elements") else (),
        resolution=generation.resolution,
        ratio=request["aspect_ratio"],
        watermark=request.get("watermark", False),
    )


def guides(generation: Generation) -> tuple[Guide, ...]:
    """References in the order, the roles and under the names that were frozen."""
    frozen = [row.get("name", "") for row in generation.request.get("references", ())]
    if not frozen:
        return ()
    names = dict(enumerate(frozen))
    rows = generation.references.select_related("reference__blob").order_by("position")
    return tuple(Guide(row.reference, row.role, names.get(row.position, "")) for row in rows)


def pinned(generation: Generation) -> tuple[Pinned, ...]:
    """Elements in the versions and under the names that were frozen, without those that were purged."""
    rows = generation.elements.select_related("element", "version").order_by("position")
    return tuple(Pinned(row.element, row.version, row.name) for row in rows if row.element and row.version)


def references(chosen: Sequence[Guide]) -> tuple[ReferenceFile, ...]:
    return tuple(
        ReferenceFile(path=storage.original(guide.reference.blob.sha256), role=guide.role, name=guide.name)
        for guide in chosen
    )


def elements(prompt: str, cast: Sequence[Pinned]) -> tuple[ElementFile, ...]:
    return tuple(_element(one, _panels_with(prompt, one.name)) for one in cast)


def _element(one: Pinned, panels: tuple[int, ...]) -> ElementFile:
    front, *angles = _photos(one.version)
    return ElementFile(
        name=one.name,
        version=f"{one.element.handle}@{one.version.number}",
        kind=one.element.kind,
        title=one.version.title,
        description=one.version.description,
        front=storage.original(front),
        angles=tuple(storage.original(sha256) for sha256 in angles),
        panels=panels,
    )


def _photos(version: ElementVersion) -> list[str]:
    """SHA-256 of the photos as they are sent: the front, then the angles that score best."""
    return [place.photo.blob.sha256 for place in photos.sent_order(version)]


def _panels_with(prompt: str, name: str) -> tuple[int, ...]:
    """The panels that mention `name`, from 1; none where the style line or no panel does."""
    style, panels = grammar.split_panels(prompt)
    if name in mentions.names(style):
        return ()
    return tuple(number for number, text in enumerate(panels, start=1) if name in mentions.names(text))
