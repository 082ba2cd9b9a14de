"""The page of a photo as ready values: its place, its card, the fields of its forms, and what is sent."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from elements import boxes, photos, selection
from elements.models import Angle, ElementQuerySet, Kind, Photo, VersionPhoto
from elements.photos import Card
from media.facts import Box


@dataclass(frozen=True, slots=True)
class Fields:
    """The four numbers of a box as they stand in a form, what else it asks, and the box to draw."""

    sides: tuple[tuple[str, str], ...]
    box: Box | None
    chosen: str
    choices: tuple[tuple[str, str], ...]
    people: str = ""


@dataclass(frozen=True, slots=True)
class Sheet:
    """`card` is of the photo where it stands now, or stood last; `sent` tells for each route what goes."""

    photo: Photo
    card: Card
    in_place: bool
    shows_people: bool
    place: str
    original: Photo | None
    sent: tuple[selection.Line, ...]


def sheet(photo: Photo, seen: ElementQuerySet) -> Sheet:
    current = photo.element.current
    places = VersionPhoto.objects.filter(photo=photo).select_related("version__element", "photo__blob")
    last = places.order_by("-version__number").first()
    in_place = last is not None and current is not None and last.version_id == current.pk
    place = last or VersionPhoto(photo=photo, position=1, angle=Angle.OTHER)
    alike = photos.twins([place], seen)
    card = photos.card(place, photo.element.kind, alike.get(photo.pk, ()))
    return Sheet(
        photo=photo,
        card=card,
        in_place=in_place,
        shows_people=photo.element.kind == Kind.CHARACTER,
        place=card.label if last else "Not in a version",
        original=photo.crop_of,
        sent=selection.lines(photos.candidates(current)) if current else (),
    )


def mark_fields(photo: Photo, typed: Mapping[str, str]) -> Fields:
    people = "" if photo.people is None else str(photo.people)
    return Fields(
        sides=_sides(photo.face, typed),
        box=photo.face,
        chosen=typed.get("expression", photos.expression(photo)),
        choices=tuple(photos.EXPRESSIONS.items()),
        people=typed.get("people", people),
    )


def crop_fields(photo: Photo, typed: Mapping[str, str]) -> Fields:
    box = boxes.around(photo.face)
    return Fields(
        sides=_sides(box, typed),
        box=box,
        chosen=typed.get("ratio", "free"),
        choices=tuple((ratio, ratio.capitalize()) for ratio in boxes.RATIOS),
    )


def _sides(box: Sequence[float] | None, typed: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    """Side and number, as it was typed or as it is."""
    shown = [f"{value:.4f}".rstrip("0").rstrip(".") for value in box] if box else [""] * 4
    return tuple((side, typed.get(side, value)) for side, value in zip(boxes.SIDES, shown, strict=True))
