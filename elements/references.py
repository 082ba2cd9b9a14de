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
from elements.models import Reference, ReferenceRole
from grammar.mentions import REFERENCE_PREFIX, as_name
from media import intake
from media.models import Blob

DEFAULT_ROLE = ReferenceRole.SUBJECT
NAMING_TRIES = 10
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
