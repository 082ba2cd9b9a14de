"""Pictures that the chosen route does not take: which one, why, and where a copy is made that it does."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.urls import reverse

from elements import fitness, photos, selection
from elements.fitness import Limits
from elements.models import Angle, VersionPhoto
from elements.selection import Candidate
from generations.binding import Guide, Pinned
from media.models import Blob
from providers.catalogue import Endpoint

UNSENT = "Nothing was sent."


@dataclass(frozen=True, slots=True)
class Misfit:
    """One picture that stands in the way.

    `field` is that of the form: "reference" or "element". `mends` is the address that a copy is made at, ""
    where only another picture helps, and `about` says in words what the copy is of.
    """

    field: str
    sentence: str
    mends: str
    about: str
    reference: str = ""


def misfits(endpoint: Endpoint, guides: Sequence[Guide], pinned: Sequence[Pinned]) -> tuple[Misfit, ...]:
    """Pictures that would go to this endpoint and that its route does not take; the draft route takes all."""
    limits = next((row for row in fitness.ROUTES if row.route == endpoint.route), None)
    if limits is None:
        return ()
    references = (_of_reference(guide, limits) for guide in guides)
    return (*(one for one in references if one), *_of_elements(pinned, endpoint, limits))


def sentences(found: Sequence[Misfit]) -> dict[str, str]:
    """What the form says at each of its fields."""
    said: dict[str, list[str]] = {}
    for one in found:
        said.setdefault(one.field, []).append(one.sentence)
    return {field: " ".join([*parts, UNSENT]) for field, parts in said.items()}


def _of_reference(guide: Guide, limits: Limits) -> Misfit | None:
    why = _why(guide.reference.blob, limits)
    if not why:
        return None
    mends = _can_be_mended(guide.reference.blob)
    act = "Make a copy that fits, or replace it." if mends else "Replace it with a larger picture."
    return Misfit(
        field="reference",
        sentence=f"@{guide.name}: {why} {act}",
        mends=reverse("elements:reference_repair", args=[guide.reference.uuid]) if mends else "",
        about=f"@{guide.name}",
        reference=str(guide.reference.uuid),
    )


def _of_elements(pinned: Sequence[Pinned], endpoint: Endpoint, limits: Limits) -> Iterator[Misfit]:
    """Photos of elements; scores are asked only where a photo that does not fit might be chosen."""
    places = VersionPhoto.objects.filter(version__in=[one.version for one in pinned])
    rows = list(places.select_related("photo__blob").order_by("position"))
    for one in pinned:
        mine = [row for row in rows if row.version_id == one.version.pk]
        unfit = [row for row in mine if _why(row.photo.blob, limits)]
        if unfit:
            sent = _sent(mine, one.element.kind, endpoint)
            yield from (_of_photo(one, row, limits) for row in unfit if row.position in sent)


def _sent(places: Sequence[VersionPhoto], kind: str, endpoint: Endpoint) -> tuple[int, ...]:
    """The positions of the photos that this endpoint gets."""
    cards = [photos.card(place, kind) for place in places]
    candidates = [Candidate(card.position, card.label, card.score) for card in cards]
    return selection.choose(candidates, endpoint).positions


def _of_photo(one: Pinned, place: VersionPhoto, limits: Limits) -> Misfit:
    about = f"the {Angle(place.angle).label.lower()} photo of @{one.name}"
    act = "Repair it on its page" if _can_be_mended(place.photo.blob) else "Replace it on its page"
    return Misfit(
        field="element",
        sentence=f"{about[0].upper()}{about[1:]}: {_why(place.photo.blob, limits)} {act}.",
        mends=reverse("elements:photo_page", args=[place.photo.uuid]),
        about=about,
    )


def _why(blob: Blob, limits: Limits) -> str:
    return " ".join(fitness.misfits(photos.file_of(blob), limits))


def _can_be_mended(blob: Blob) -> bool:
    return fitness.repair(photos.file_of(blob)) is not None
