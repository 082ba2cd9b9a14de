"""Photos of elements: what is measured of them, what people mark, and the facts that score cards read."""

import logging
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass

from django.db.models import F

from elements import fitness, scorecard, selection
from elements.fitness import File
from elements.models import Angle, Element, ElementQuerySet, ElementVersion, Photo, VersionPhoto
from elements.scorecard import BAD, REPLACE, Facts, Finding
from elements.selection import Candidate
from elements.twins import NEAR_BITS, distance
from media import decoder, storage
from media.decoder import NotAPicture
from media.facts import Box, Measures, read_measures
from media.models import Blob

EXPRESSIONS = {"neutral": "Neutral", "other": "Another", "": "Not said"}
MOST_PEOPLE = 99
UNMEASURED = Finding("measure", BAD, "This photo could not be measured", REPLACE, 100)

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Card:
    """The score card of a photo in its place; `fits` tells of providers."""

    photo: Photo
    angle: str
    position: int
    findings: tuple[Finding, ...]
    fits: tuple[Finding, ...]
    score: int

    @property
    def label(self) -> str:
        return str(Angle(self.angle).label)


def measures(photo: Photo) -> Measures:
    """What was measured of the photo; measured now if nobody did. Raises NotAPicture and OSError."""
    try:
        return read_measures(photo.measures)
    except (KeyError, TypeError):
        return measure(photo)


def measure(photo: Photo) -> Measures:
    """Measure the photo with the face that is marked now. Raises NotAPicture and OSError."""
    found = decoder.measure(storage.original(photo.blob.sha256), photo.face)
    photo.measures = asdict(found) | {"expression": expression(photo)}
    # Somebody may mark another face meanwhile: these figures are then not theirs.
    same = Photo.objects.filter(pk=photo.pk, face_left=photo.face_left, face_top=photo.face_top)
    same.filter(face_width=photo.face_width, face_height=photo.face_height).update(measures=photo.measures)
    return found


def measure_new(element: Element) -> None:
    """Measure the photos that nobody measured yet; one that cannot be says so on its card."""
    unmeasured = Photo.objects.filter(element=element).exclude(measures__has_key="whole")
    for photo in unmeasured.select_related("blob"):
        with suppress(NotAPicture, OSError):
            measure(photo)


def mark(photo: Photo, face: Box | None, people: int | None, seen_expression: str) -> None:
    """Keep what a person saw: the face, how many people, and "neutral", "other" or "" for the expression."""
    photo.people = people
    photo.face_left, photo.face_top, photo.face_width, photo.face_height = face or (None,) * 4
    photo.measures = {"expression": seen_expression}
    sides = ("face_left", "face_top", "face_width", "face_height")
    photo.save(update_fields=["people", "measures", *sides])
    measure(photo)


def expression(photo: Photo) -> str:
    """What somebody said of the expression: "neutral", "other", or "" for nothing."""
    return str(photo.measures.get("expression", ""))


def file_of(blob: Blob) -> File:
    return File(blob.media_type, blob.bytes, blob.width, blob.height)


def card(place: VersionPhoto, kind: str, twins: tuple[str, ...] = ()) -> Card:
    """The score card of a photo in its place. Measures it first if nobody did."""
    photo = place.photo
    try:
        found = scorecard.findings(_facts(photo, measures(photo), kind, place.angle, twins))
    except (NotAPicture, OSError) as error:
        log.error("photo %s could not be measured: %s", photo.pk, error)
        found = (UNMEASURED,)
    fits = fitness.rows(file_of(photo.blob))
    return Card(photo, place.angle, place.position, found, fits, scorecard.score(found))


def cards(version: ElementVersion, seen: ElementQuerySet) -> list[Card]:
    """Cards of every photo of a version, the front first; `seen` is where look-alikes are looked for."""
    places = list(version.places.select_related("photo__blob").order_by("position"))
    alike = twins(places, seen)
    return [card(place, version.element.kind, alike.get(place.photo_id, ())) for place in places]


def candidates(version: ElementVersion) -> list[Candidate]:
    """The photos of a version as `selection` weighs them; look-alikes do not count."""
    places = version.places.select_related("photo__blob").order_by("position")
    made = [card(place, version.element.kind) for place in places]
    return [Candidate(one.position, one.label, one.score) for one in made]


def practice(element: Element, made: Sequence[Card], pins: Sequence[int]) -> tuple[Finding, ...]:
    """The guide's advice on the element; `made` are the cards of its current version, the front first."""
    front = made[0].findings if made else (UNMEASURED,)
    return scorecard.practice(front, max(0, len(made) - 1), pins, element.handle)


def sent_order(version: ElementVersion) -> list[VersionPhoto]:
    """The photos in the order in which they are sent: the front, then the angles that score best."""
    places = {place.position: place for place in version.places.select_related("photo__blob")}
    return [places[one.position] for one in selection.best_first(candidates(version))]


def twins(places: Sequence[VersionPhoto], seen: ElementQuerySet) -> dict[int, tuple[str, ...]]:
    """Which photos in current versions of `seen` look like these, by the row number of the photo.

    A photo and what was made of it do not count.
    """
    living = VersionPhoto.objects.filter(version__element__in=seen.living().values("pk"))
    current = living.filter(version__element__current=F("version"))
    known = list(current.values_list("pk", "photo_id", "photo__crop_of_id", "photo__blob__phash"))
    near = {place.pk: [row[0] for row in known if _are_twins(place.photo, *row[1:])] for place in places}
    rows = VersionPhoto.objects.filter(pk__in={pk for pks in near.values() for pk in pks})
    named = {row.pk: row for row in rows.select_related("photo", "version__element")}
    return {place.photo_id: tuple(_named(named[pk], place) for pk in near[place.pk]) for place in places}


def _are_twins(photo: Photo, pk: int, crop_of: int | None, phash: int) -> bool:
    family = {photo.pk, photo.crop_of_id} & {pk, crop_of} - {None}
    return not family and distance(photo.blob.phash, phash) <= NEAR_BITS


def _named(row: VersionPhoto, place: VersionPhoto) -> str:
    angle = str(Angle(row.angle).label).lower()
    if row.photo.element_id == place.photo.element_id:
        return f"the {angle} photo of this element"
    return f"the {angle} photo of @{row.version.element.handle}"


def _facts(photo: Photo, found: Measures, kind: str, angle: str, twins: tuple[str, ...]) -> Facts:
    return Facts(
        kind=kind,
        angle=angle,
        measures=found,
        face=photo.face,
        people=photo.people,
        expression=expression(photo),
        twins=twins,
    )
