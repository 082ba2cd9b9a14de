"""What keeps an element from being so, one sentence each."""

import re
from collections.abc import Mapping, Sequence

from accounts.people import RefusedError
from elements.looks import Look, Placed
from elements.models import Angle, ElementHandle, Kind

MOST_ANGLES = 10
MOST_OUTFITS = 12
MOST_TAGS = 20
LONGEST = {"name": 60, "title": 20, "description": 100, "notes": 4000, "tag": 30, "outfit": 60}
TAKEN = "@{handle} belongs to another element, or did once. Choose another handle."
NO_FACE = (
    "{people} people are in the front photo. Mark the face that is meant, or crop the photo to one person."
)


class ElementRefusedError(RefusedError):
    """The element cannot be so; `sentences` maps a field to one sentence for the person who asked."""

    def __init__(self, sentences: Mapping[str, str]) -> None:
        super().__init__(" ".join(sentences.values()))
        self.sentences = dict(sentences)


def look_refusals(kind: str, look: Look) -> dict[str, str]:
    found = {
        "photos": _photos_refusal(kind, look.photos),
        "title": long_refusal(look.title, "title", "The short name") if look.title else "Give a short name.",
        "description": long_refusal(look.description, "description", "The description"),
        "wardrobe": list_refusal(look.wardrobe, MOST_OUTFITS, "outfit"),
    }
    return {field: sentence for field, sentence in found.items() if sentence}


def _photos_refusal(kind: str, photos: Sequence[Placed]) -> str | None:
    if not photos or photos[0].angle != Angle.FRONT:
        return "An element needs a front photo."
    if not {placed.angle for placed in photos} <= set(Angle.values):
        return "Choose an angle from the list for each photo."
    if any(placed.angle == Angle.FRONT for placed in photos[1:]):
        return "Only one photo is the front. Choose another angle for the others."
    if len(photos) > MOST_ANGLES + 1:
        return f"There are {len(photos)} photos; an element has a front and at most {MOST_ANGLES} more."
    if len({placed.photo.blob_id for placed in photos}) < len(photos):
        return "The same picture is there twice. Take one of them out."
    front = photos[0].photo
    if kind == Kind.CHARACTER and (front.people or 0) > 1 and front.face is None:
        return NO_FACE.format(people=front.people)
    return None


def detail_refusals(name: str, colour: str, notes: str, tags: Sequence[str]) -> dict[str, str]:
    """What keeps the unversioned words of an element from being so."""
    found = {
        "name": name_refusal(name),
        "colour": colour_refusal(colour),
        "notes": long_refusal(notes, "notes", "The notes"),
        "tags": list_refusal(tags, MOST_TAGS, "tag"),
    }
    return {field: sentence for field, sentence in found.items() if sentence}


def taken(handle: str) -> str | None:
    known = ElementHandle.objects.filter(handle=handle).exists()
    return TAKEN.format(handle=handle) if known else None


def name_refusal(name: str) -> str | None:
    return long_refusal(name, "name", "The name") if name else "Give the element a name."


def long_refusal(value: str, limit: str, what: str) -> str | None:
    excess = len(value) - LONGEST[limit]
    if excess <= 0:
        return None
    return f"{what} has {len(value):,} characters and may have {LONGEST[limit]:,}. Shorten it by {excess:,}."


def list_refusal(values: Sequence[str], most: int, what: str) -> str | None:
    if len(values) > most:
        return f"There are {len(values)} {what}s; an element has at most {most}."
    return next(
        (long_refusal(value, what, f"“{value[:20]}…”") for value in values if len(value) > LONGEST[what]),
        None,
    )


def colour_refusal(colour: str) -> str | None:
    if not colour or re.fullmatch(r"#[0-9a-fA-F]{6}", colour):
        return None
    return "A colour is # and six digits from 0 to f, such as #f2b84b."
