"""What a version of an element holds, and in which words two of them differ."""

from collections.abc import Iterable
from dataclasses import dataclass

from elements.models import Angle, ElementVersion, Photo


@dataclass(frozen=True, slots=True)
class Placed:
    """A photo of the element and the angle it stands for."""

    photo: Photo
    angle: str


@dataclass(frozen=True, slots=True)
class Look:
    """Everything that a version holds."""

    photos: tuple[Placed, ...]
    title: str
    description: str
    wardrobe: tuple[str, ...]


def look(version: ElementVersion | None) -> Look:
    """What the version holds, the front first; an empty look for none."""
    if version is None:
        return Look((), "", "", ())
    places = version.places.select_related("photo__blob").order_by("position")
    return Look(
        photos=tuple(Placed(place.photo, place.angle) for place in places),
        title=version.title,
        description=version.description,
        wardrobe=tuple(version.wardrobe),
    )


def note(before: Look, after: Look) -> str:
    """What happened, in one line: "Replaced the front photo. Added profile." """
    said = [*_photo_notes(before.photos, after.photos)]
    for name in ("title", "description", "wardrobe"):
        if getattr(before, name) != getattr(after, name):
            said.append(f"Changed the {name}.")
    return " ".join(said)


def _photo_notes(before: tuple[Placed, ...], after: tuple[Placed, ...]) -> list[str]:
    if before == after:
        return []
    said = ["Replaced the front photo."] if before[:1] != after[:1] and before else []
    known, kept = {one.photo.pk: one.angle for one in before}, {one.photo.pk for one in after}
    added = [one for one in after[1:] if one.photo.pk not in known]
    removed = [one for one in before[1:] if one.photo.pk not in kept]
    moved = [one for one in after[1:] if known.get(one.photo.pk, one.angle) not in (one.angle, Angle.FRONT)]
    said += [f"Added {_angles(added)}."] if added else []
    said += [f"Removed {_angles(removed)}."] if removed else []
    said += [f"Named {_angles(moved)}."] if moved else []
    return said or ["Put the photos in another order."]


def _angles(placed: Iterable[Placed]) -> str:
    return ", ".join(Angle(one.angle).label.lower() for one in placed)
