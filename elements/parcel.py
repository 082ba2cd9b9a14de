"""Elements as a zip: a folder each with an element.json, its photos, and on request its consent document."""

import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path
from typing import IO

from django.db import transaction

from accounts.models import User
from elements import audit, consent, library
from elements.library import NewElement, NewPhoto
from elements.models import Consent, ConsentState, Element, ElementHandle, Origin, VersionPhoto
from elements.parcel_file import Parcel, opened
from elements.parcel_text import FILE, ConsentText, ElementText, ParcelRefusedError, PhotoText, read, written
from elements.rules import ElementRefusedError
from grammar.mentions import LONGEST_NAME
from media import documents, forgetting, intake, storage
from media.archive import Entry
from media.models import Blob, Document
from media.names import clean_name

MOST_ELEMENTS = 50
LONGEST_TEXT = 256 * 1024
NOTHING = "Nothing was imported."


@dataclass(frozen=True, slots=True)
class Found:
    """An element as it lies in a parcel: its folder there, with a slash at the end, and its text."""

    folder: str
    text: ElementText

    @property
    def files(self) -> list[str]:
        """Names in the parcel of everything that the text names, and of the text itself."""
        named = [photo.file for photo in self.text.photos]
        named += [self.text.consent.file] if self.text.consent and self.text.consent.file else []
        return [f"{self.folder}{name}" for name in (FILE, *named)]


@dataclass(frozen=True, slots=True)
class Contents:
    """An element of a parcel with its files in storage."""

    text: ElementText
    photos: tuple[NewPhoto, ...]
    paper: consent.Paper | None


def entries(elements: Iterable[Element], *, with_documents: bool = False) -> list[Entry]:
    """Files for `media.archive.stream`: the current version of each element."""
    return [entry for element in elements for entry in _packed(element, with_documents)]


def take_in(
    file: IO[bytes], user: User, project_id: int | None, *, free_handles: bool = False
) -> list[Element]:
    """Make every element of a parcel, or none. Raises ParcelRefusedError, and OSError when the disk fails.

    With `free_handles` a taken handle becomes the next free one. Without `project_id` they are shared.
    """
    kept: list[Blob | Document] = []
    try:
        with opened(file) as parcel:
            named = _with_handles(_found(parcel), free_handles)
            stored = [_stored(parcel, found, kept) for found in named]
        with transaction.atomic():
            return [_made(contents, user, project_id) for contents in stored]
    except (ParcelRefusedError, OSError) as refusal:
        with transaction.atomic():
            forgetting.let_go(kept)
        if isinstance(refusal, OSError):
            raise
        raise ParcelRefusedError(f"{refusal} {NOTHING}") from None


def _packed(element: Element, with_documents: bool) -> list[Entry]:
    version = element.current
    places = list(version.places.select_related("photo__blob").order_by("position")) if version else []
    given = consent.given_by(element)
    papers = consent.papers(given) if given and with_documents else []
    text = ElementText(
        handle=element.handle,
        name=element.name,
        kind=element.kind,
        photos=tuple(_photo_text(place) for place in places),
        version=version.number if version else 1,
        title=version.title if version else "",
        description=version.description if version else "",
        wardrobe=tuple(version.wardrobe) if version else (),
        notes=element.notes,
        colour=element.colour,
        tags=tuple(sorted(tag.name for tag in element.tags.all())),
        consent=_consent_text(given, papers) if given else None,
    )
    folder = f"{element.handle}/"
    packed = [Entry(f"{folder}{FILE}", written(text))]
    for place, photo in zip(places, text.photos, strict=True):
        packed.append(Entry(f"{folder}{photo.file}", storage.original(place.photo.blob.sha256)))
    return packed + [Entry(f"{folder}{_paper_file(paper)}", _path(paper)) for paper in papers]


def _photo_text(place: VersionPhoto) -> PhotoText:
    photo = place.photo
    return PhotoText(
        file=f"{place.position:02d}-{place.angle}.{photo.blob.extension}",
        angle=place.angle,
        name=photo.name,
        origin=photo.origin,
        sha256=photo.blob.sha256,
        people=photo.people,
        face=photo.face,
    )


def _consent_text(given: Consent, papers: Sequence[Blob | Document]) -> ConsentText:
    return ConsentText(
        state=given.state,
        uses=tuple(given.uses),
        expires_on=given.expires_on,
        ended_on=given.ended_on,
        note=given.note,
        file=_paper_file(papers[0]) if papers else "",
        file_name=given.document_name if papers else "",
    )


def _paper_file(paper: Blob | Document) -> str:
    return "consent.pdf" if isinstance(paper, Document) else f"consent.{paper.extension}"


def _path(paper: Blob | Document) -> Path:
    return storage.document(paper.sha256) if isinstance(paper, Document) else storage.original(paper.sha256)


def _found(parcel: Parcel) -> list[Found]:
    """Every element of the parcel; nothing else may be in it."""
    texts = [name for name in parcel.names if name.rpartition("/")[2] == FILE]
    if not texts:
        raise ParcelRefusedError(f"There is no {FILE} in this archive, so it holds no element.")
    if len(texts) > MOST_ELEMENTS:
        raise ParcelRefusedError(
            f"This archive has {len(texts)} elements; at most {MOST_ELEMENTS} are taken."
        )
    found = [_one_found(parcel, name) for name in texts]
    named = {name for one in found for name in one.files}
    if missing := sorted(named - set(parcel.names)):
        raise ParcelRefusedError(f"“{missing[0]}” is missing from this archive.")
    if unknown := sorted(set(parcel.names) - named):
        raise ParcelRefusedError(f"“{unknown[0]}” belongs to no element of this archive.")
    return found


def _one_found(parcel: Parcel, name: str) -> Found:
    return Found(name.removesuffix(FILE), read(parcel.content(name, LONGEST_TEXT), f"“{name}”"))


def _with_handles(found: Sequence[Found], free_handles: bool) -> list[Found]:
    """With handles that nobody has or had; says which is taken and what would be free instead."""
    given: set[str] = set()
    named: list[Found] = []
    for one in found:
        handle = one.text.handle
        if _is_taken(handle, given):
            free = _next_free(handle, given)
            if not free_handles:
                raise ParcelRefusedError(f"@{handle} is taken. The next free handle is @{free}.")
            handle = free
        given.add(handle)
        named.append(replace(one, text=replace(one.text, handle=handle)))
    return named


def _is_taken(handle: str, given: set[str]) -> bool:
    return handle in given or ElementHandle.objects.filter(handle=handle).exists()


def _next_free(handle: str, given: set[str]) -> str:
    candidates = (f"{handle[: LONGEST_NAME - 4].rstrip('-')}-{number}" for number in count(2))
    return next(candidate for candidate in candidates if not _is_taken(candidate, given))


def _stored(parcel: Parcel, found: Found, kept: list[Blob | Document]) -> Contents:
    """The pictures of an element in storage; whatever was stored is noted in `kept`."""
    photos = tuple(_stored_photo(parcel, found.folder, photo, kept) for photo in found.text.photos)
    given = found.text.consent
    if given is None or not given.file:
        return Contents(found.text, photos, None)
    name = f"{found.folder}{given.file}"
    paper = _stored_paper(parcel.content(name, documents.LIMIT), name)
    kept.append(paper)
    return Contents(found.text, photos, consent.Paper(paper, clean_name(given.file_name or given.file)))


def _stored_photo(parcel: Parcel, folder: str, photo: PhotoText, kept: list[Blob | Document]) -> NewPhoto:
    name = f"{folder}{photo.file}"
    if photo.origin not in Origin.values:
        raise ParcelRefusedError(f"“{name}” is neither photographed nor generated by its text.")
    try:
        blob = intake.store(parcel.content(name, intake.UPLOAD_LIMIT))
    except intake.NotAPicture as refusal:
        raise ParcelRefusedError(f"“{name}” was not taken. {refusal}") from None
    kept.append(blob)
    if photo.sha256 not in ("", blob.sha256):
        raise ParcelRefusedError(f"“{name}” is not the picture that was exported.")
    return NewPhoto(
        blob, clean_name(photo.name or photo.file), photo.angle, photo.origin, photo.people, photo.face
    )


def _stored_paper(content: bytes, name: str) -> Blob | Document:
    try:
        if documents.looks_like_one(content):
            return documents.store(io.BytesIO(content))
        return intake.store(content)
    except (documents.NotADocument, intake.NotAPicture) as refusal:
        raise ParcelRefusedError(f"“{name}” was not taken. {refusal}") from None


def _made(contents: Contents, user: User, project_id: int | None) -> Element:
    text = contents.text
    new = NewElement(
        handle=text.handle,
        name=text.name,
        kind=text.kind,
        photos=contents.photos,
        title=text.title,
        description=text.description,
        wardrobe=text.wardrobe,
        tags=text.tags,
        colour=text.colour,
        notes=text.notes,
    )
    try:
        element = library.create(new, user, project_id)
    except ElementRefusedError as refusal:
        first = next(iter(refusal.sentences.values()))
        raise ParcelRefusedError(f"@{text.handle} cannot be made. {first}") from None
    audit.note(element.handle, f"Imported @{element.handle} from an archive.", user.name)
    if text.consent:
        consent.record(element, _terms(text, text.consent, contents.paper), user)
    return element


def _terms(text: ElementText, given: ConsentText, paper: consent.Paper | None) -> consent.Terms:
    """A document that did not travel along is attested by whoever imports."""
    unknown = set(given.uses) - set(consent.USES)
    if given.state not in ConsentState.values or unknown or len(given.note) > consent.LONGEST_NOTE:
        raise ParcelRefusedError(f"The consent of @{text.handle} is not written as this studio writes it.")
    lacks = given.state == ConsentState.DOCUMENT and paper is None
    return consent.Terms(
        state=ConsentState.ATTESTED if lacks else given.state,
        uses=given.uses,
        expires_on=given.expires_on,
        note=given.note,
        paper=paper,
        ended_on=given.ended_on,
    )
