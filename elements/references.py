"""References of a project: taking them in, and how they show as chips."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import IO

from django.db import IntegrityError, transaction
from django.urls import reverse

from accounts.models import User
from elements.models import Reference, ReferenceRole
from media import intake
from media.models import Blob

DEFAULT_ROLE = ReferenceRole.SUBJECT


@dataclass(frozen=True, slots=True)
class Role:
    value: str
    label: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class Chip:
    """A reference as the composer shows it: a thumbnail with the role it plays."""

    uuid: str
    name: str
    thumbnail: str
    roles: tuple[Role, ...]


@dataclass(frozen=True, slots=True)
class Refused:
    """A file that did not become a reference, and one sentence on why."""

    name: str
    reason: str


@dataclass(frozen=True, slots=True)
class Taken:
    references: tuple[Reference, ...]
    refused: tuple[Refused, ...]


def take_in(project_id: int, files: Iterable[tuple[str, IO[bytes]]], user: User) -> Taken:
    """Make references of the files that are pictures and name the others."""
    references: list[Reference] = []
    refused: list[Refused] = []
    for given_name, file in files:
        name = intake.clean_name(given_name)
        try:
            references.append(keep(project_id, intake.store(file), name, user))
        except intake.NotAPicture as error:
            refused.append(Refused(name, str(error)))
    return Taken(tuple(references), tuple(refused))


def keep(project_id: int, blob: Blob, name: str, user: User) -> Reference:
    """The project's reference for this picture; the same picture is kept once, under its first name."""
    known = Reference.objects.of(project_id).filter(blob=blob).first()
    if known is not None:
        return known
    try:
        with transaction.atomic():
            return Reference.objects.create(project_id=project_id, blob=blob, name=name, created_by=user)
    except IntegrityError:
        return Reference.objects.of(project_id).get(blob=blob)


def chip(reference: Reference, role: str = DEFAULT_ROLE) -> Chip:
    return Chip(
        uuid=str(reference.uuid),
        name=reference.name,
        thumbnail=reverse("elements:picture", args=[reference.uuid, "512"]),
        roles=tuple(Role(value, str(label), value == role) for value, label in ReferenceRole.choices),
    )


def recent(project_id: int, limit: int = 24) -> list[Chip]:
    return [chip(reference) for reference in Reference.objects.of(project_id).order_by("-pk")[:limit]]
