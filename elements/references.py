"""References of a project: taking them in, and how they show as chips."""

import logging
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from itertools import count
from typing import IO

from django.db import IntegrityError, transaction
from django.urls import reverse

from accounts.models import User
from accounts.people import RefusedError
from elements import fitness, photos
from elements.models import Reference, ReferenceRole
from grammar.mentions import REFERENCE_PREFIX, as_name
from media import decoder, intake, storage
from media.facts import Box
from media.models import Blob
from media.recipe import Recipe

DEFAULT_ROLE = ReferenceRole.SUBJECT
NAMING_TRIES = 10
LEAST_SIDE = 300  # pixels, the least that every provider takes
WHOLE = 0.999  # of a side: more than this cuts nothing off
NOTHING_CUT = "The box is the whole picture, so nothing would be cut off. Make it smaller."
NOTHING_TO_REPAIR = "Every route takes this picture, or only a larger one helps. Nothing was changed."
UNSTORED = (
    "The studio's disk could not take this file, and nothing of it was kept. "
    "Tell whoever runs the studio, then send it again."
)

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Role:
    value: str
    label: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class Chip:
    """A reference as the composer shows it: a thumbnail with the role it plays and what prompts call it."""

    uuid: str
    name: str
    called: str
    thumbnail: str
    roles: tuple[Role, ...]


@dataclass(frozen=True, slots=True)
class Refused:
    """A file that did not become a reference, and one sentence on why."""

    name: str
    reason: str


@dataclass(frozen=True, slots=True)
class Taken:
    """`disk_failed` says that a file was refused through no fault of its own."""

    references: tuple[Reference, ...]
    refused: tuple[Refused, ...]
    disk_failed: bool = False


def take_in(project_id: int, files: Iterable[tuple[str, IO[bytes]]], user: User) -> Taken:
    """Make references of the files that are pictures and name the others."""
    references: list[Reference] = []
    refused: list[Refused] = []
    disk_failed = False
    for given_name, file in files:
        name = intake.clean_name(given_name)
        try:
            references.append(keep(project_id, intake.store(file), name, user))
        except intake.NotAPicture as error:
            refused.append(Refused(name, str(error)))
        except OSError as error:
            log.error("An upload could not be stored: %s", error.strerror or type(error).__name__)
            refused.append(Refused(name, UNSTORED))
            disk_failed = True
    return Taken(tuple(references), tuple(refused), disk_failed)


def keep(project_id: int, blob: Blob, name: str, user: User | None) -> Reference:
    """The project's reference for this picture; the same picture is kept once, under its first name."""
    for _ in range(NAMING_TRIES):
        known = Reference.objects.of(project_id).filter(blob=blob).first()
        if known is not None:
            return known
        handle = _free_handle(project_id, name)
        # Somebody else may keep the same picture, or take the same handle, in this moment.
        with suppress(IntegrityError), transaction.atomic():
            return Reference.objects.create(
                project_id=project_id, blob=blob, name=name, handle=handle, created_by=user
            )
    raise RuntimeError("No free handle was found for a reference.")


def rename(reference: Reference, typed: str) -> Reference:
    """Give a reference another handle. Prompts that were sent keep the old one. Raises RefusedError."""
    words = typed.strip().removeprefix("@").lower().removeprefix(REFERENCE_PREFIX)
    handle = REFERENCE_PREFIX + as_name(words)
    if handle == REFERENCE_PREFIX:
        raise RefusedError("A name has at least one letter or digit, such as harbour.")
    try:
        with transaction.atomic():
            Reference.objects.filter(pk=reference.pk).update(handle=handle)
    except IntegrityError:
        raise RefusedError(f"Another reference of this project is called @{handle}.") from None
    reference.handle = handle
    return reference


def crop(reference: Reference, box: Box, user: User | None, *, generated: bool) -> Reference:
    """A reference that shows the part in the box; the whole picture stays one as well.

    `generated` says that a model made the picture: the crop then says so too. Raises RefusedError,
    NotAPicture and OSError.
    """
    if min(box[2], box[3]) > WHOLE:
        raise RefusedError(NOTHING_CUT)
    wide, tall = round(box[2] * reference.blob.width), round(box[3] * reference.blob.height)
    if min(wide, tall) < LEAST_SIDE:
        raise RefusedError(
            f"The crop would be {wide} × {tall} px; models want at least {LEAST_SIDE}. Make the box larger."
        )
    return _altered(reference, Recipe(crop=box), user, generated=generated)


def repair(reference: Reference, user: User | None, *, generated: bool) -> Reference:
    """A copy that every provider takes; the original stays a reference as well. Raises like `crop`."""
    recipe = fitness.repair(photos.file_of(reference.blob))
    if recipe is None:
        raise RefusedError(NOTHING_TO_REPAIR)
    return _altered(reference, recipe, user, generated=generated)


def _altered(reference: Reference, recipe: Recipe, user: User | None, *, generated: bool) -> Reference:
    with storage.workspace() as folder:
        target = folder / "altered"
        xmp = decoder.AI_XMP if generated else ""
        decoder.alter(storage.original(reference.blob.sha256), target, recipe, xmp)
        blob = intake.store(target, limit=intake.OUTPUT_LIMIT)
    made = keep(reference.project_id, blob, reference.name, user)
    Reference.objects.filter(pk=made.pk, crop_of=None).exclude(pk=reference.pk).update(crop_of=reference)
    return made


def _free_handle(project_id: int, name: str) -> str:
    """ "harbour.jpg" becomes ref-harbour, or ref-harbour-2 where that is taken."""
    stem = REFERENCE_PREFIX + (as_name(name.rsplit(".", 1)[0])[:24].strip("-") or "picture")
    taken = set(
        Reference.objects.of(project_id).filter(handle__startswith=stem).values_list("handle", flat=True)
    )
    numbered = (f"{stem}-{number}" for number in count(2))
    return stem if stem not in taken else next(handle for handle in numbered if handle not in taken)


def chip(reference: Reference, role: str = DEFAULT_ROLE, called: str = "") -> Chip:
    return Chip(
        uuid=str(reference.uuid),
        name=reference.name,
        called=called or reference.handle,
        thumbnail=reverse("elements:picture", args=[reference.uuid, "512"]),
        roles=tuple(Role(value, str(label), value == role) for value, label in ReferenceRole.choices),
    )


def recent(project_id: int, limit: int = 24) -> list[Chip]:
    return [chip(reference) for reference in Reference.objects.of(project_id).order_by("-pk")[:limit]]
