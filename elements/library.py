"""Making and changing elements: handles that never change their meaning, versions that are never changed."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from django.db import IntegrityError, transaction
from django.db.models import Max
from django.utils import timezone

from accounts.models import User
from elements import audit, photos
from elements.looks import Look, Placed, look, note
from elements.models import (
    Element,
    ElementHandle,
    ElementTag,
    ElementVersion,
    Kind,
    Origin,
    Photo,
    VersionPhoto,
)
from elements.rules import (
    LONGEST,
    MOST_TAGS,
    TAKEN,
    ElementRefusedError,
    colour_refusal,
    list_refusal,
    long_refusal,
    look_refusals,
    name_refusal,
    taken,
)
from grammar.mentions import why_not_a_name
from media.facts import Box
from media.models import Blob


@dataclass(frozen=True, slots=True)
class NewPhoto:
    """A stored picture and what a person said of it; `face` in fractions: left, top, width, height."""

    blob: Blob
    name: str
    angle: str
    origin: str = Origin.PHOTOGRAPHED
    people: int | None = None
    face: Box | None = None


@dataclass(frozen=True, slots=True)
class NewElement:
    """The front photo stands first. Without `title` the first characters of the name are taken."""

    handle: str
    name: str
    kind: str
    photos: tuple[NewPhoto, ...]
    title: str = ""
    description: str = ""
    wardrobe: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    colour: str = ""
    notes: str = ""


@dataclass(frozen=True, slots=True)
class Change:
    """What a new version has; None keeps what the current one has. `note` replaces the automatic one."""

    photos: tuple[Placed, ...] | None = None
    title: str | None = None
    description: str | None = None
    wardrobe: tuple[str, ...] | None = None
    note: str = ""


def create(new: NewElement, user: User | None, project_id: int | None) -> Element:
    """An element with its first version, shared when `project_id` is None. Raises ElementRefusedError."""
    new = replace(new, title=new.title or new.name[: LONGEST["title"]].strip())
    _refuse(refusals(new))
    try:
        with transaction.atomic():
            element = _create(new, user, project_id)
    except IntegrityError:
        raise ElementRefusedError({"handle": TAKEN.format(handle=new.handle)}) from None
    photos.measure_new(element)
    return element


def new_version(element: Element, change: Change, user: User | None) -> ElementVersion:
    """Write the next version and make it current; the current one when nothing differs.

    Raises ElementRefusedError.
    """
    with transaction.atomic():
        locked = Element.objects.select_for_update().select_related("current").get(pk=element.pk)
        before = look(locked.current)
        after = _changed(before, change)
        if after == before and locked.current is not None:
            return locked.current
        _refuse(look_refusals(locked.kind, after))
        said = change.note or note(before, after)
        number = locked.versions.aggregate(last=Max("number"))["last"] or 0
        version = _write(locked, number + 1, after, said, user)
    element.current, element.touched_at = version, version.created_at
    photos.measure_new(element)
    return version


def take_back(element: Element, version: ElementVersion, user: User | None) -> ElementVersion:
    """A new version that looks like an old one. Raises ElementRefusedError."""
    old = look(version)
    change = Change(old.photos, old.title, old.description, old.wardrobe, f"Went back to v{version.number}.")
    return new_version(element, change, user)


def add_photo(element: Element, new: NewPhoto, user: User | None) -> Photo:
    """The element's photo of this picture, not yet in any version; the same picture is kept once."""
    left, top, width, height = new.face or (None, None, None, None)
    values = {
        "name": new.name,
        "origin": new.origin,
        "people": new.people,
        "face_left": left,
        "face_top": top,
        "face_width": width,
        "face_height": height,
        "created_by": user,
    }
    return Photo.objects.get_or_create(element=element, blob=new.blob, defaults=values)[0]


def rename(element: Element, handle: str, user: User | None) -> None:
    """Give another handle; the old one still leads here, for ever. Raises ElementRefusedError."""
    handle = handle.strip().removeprefix("@").lower()
    if handle == element.handle:
        return
    problem = why_not_a_name(handle)
    if problem:
        raise ElementRefusedError({"handle": problem})
    try:
        with transaction.atomic():
            if not ElementHandle.objects.filter(handle=handle, element=element).exists():
                ElementHandle.objects.create(handle=handle, element=element)
            Element.objects.filter(pk=element.pk).update(handle=handle, touched_at=timezone.now())
            audit.note(handle, f"Renamed from @{element.handle}.", user.name if user else "command line")
    except IntegrityError:
        raise ElementRefusedError({"handle": TAKEN.format(handle=handle)}) from None
    element.handle = handle


def find(handle: str, project_ids: Iterable[int]) -> Element | None:
    """The element that has this handle or ever had it, among shared ones and those of these projects."""
    seen = Element.objects.seen_from(project_ids)
    name = handle.strip().removeprefix("@").lower()
    row = ElementHandle.objects.filter(handle=name, element__in=seen)
    found = row.select_related("element__current").first()
    return found.element if found else None


def refusals(new: NewElement) -> dict[str, str]:
    """What keeps this from being an element: field to sentence, empty when nothing does."""
    found = {
        "handle": why_not_a_name(new.handle) or taken(new.handle),
        "kind": None if new.kind in Kind.values else "Choose a kind from the list.",
        "name": name_refusal(new.name),
        "tags": list_refusal(new.tags, MOST_TAGS, "tag"),
        "colour": colour_refusal(new.colour),
        "notes": long_refusal(new.notes, "notes", "The notes"),
    }
    placed = tuple(Placed(_unsaved(photo), photo.angle) for photo in new.photos)
    version = look_refusals(new.kind, Look(placed, new.title, new.description, new.wardrobe))
    return {field: sentence for field, sentence in found.items() if sentence} | version


def set_tags(element: Element, tags: Iterable[str]) -> None:
    """Exactly these tags, in lower case."""
    wanted = {tag.lower() for tag in tags}
    with transaction.atomic():
        ElementTag.objects.filter(element=element).exclude(name__in=wanted).delete()
        rows = [ElementTag(element=element, name=name) for name in sorted(wanted)]
        ElementTag.objects.bulk_create(rows, ignore_conflicts=True)


def _create(new: NewElement, user: User | None, project_id: int | None) -> Element:
    element = Element.objects.create(
        handle=new.handle,
        name=new.name,
        kind=new.kind,
        project_id=project_id,
        notes=new.notes,
        colour=new.colour.lower(),
        created_by=user,
    )
    ElementHandle.objects.create(handle=new.handle, element=element)
    set_tags(element, new.tags)
    placed = tuple(Placed(add_photo(element, photo, user), photo.angle) for photo in new.photos)
    first = Look(placed, new.title, new.description, new.wardrobe)
    element.current = _write(element, 1, first, "First photo." if len(placed) == 1 else "First photos.", user)
    return element


def _write(element: Element, number: int, holds: Look, said: str, user: User | None) -> ElementVersion:
    version = ElementVersion.objects.create(
        element=element,
        number=number,
        title=holds.title,
        description=holds.description,
        wardrobe=list(holds.wardrobe),
        note=said[:200],
        created_by=user,
    )
    VersionPhoto.objects.bulk_create(
        VersionPhoto(version=version, photo=placed.photo, position=position, angle=placed.angle)
        for position, placed in enumerate(holds.photos)
    )
    Element.objects.filter(pk=element.pk).update(current=version, touched_at=version.created_at)
    return version


def _changed(before: Look, change: Change) -> Look:
    return Look(
        photos=before.photos if change.photos is None else change.photos,
        title=before.title if change.title is None else change.title,
        description=before.description if change.description is None else change.description,
        wardrobe=before.wardrobe if change.wardrobe is None else change.wardrobe,
    )


def _unsaved(new: NewPhoto) -> Photo:
    left, top, width, height = new.face or (None, None, None, None)
    return Photo(
        blob=new.blob,
        people=new.people,
        face_left=left,
        face_top=top,
        face_width=width,
        face_height=height,
    )


def _refuse(sentences: Mapping[str, str]) -> None:
    if sentences:
        raise ElementRefusedError(sentences)
