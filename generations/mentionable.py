"""Elements as the composer shows them: those that a prompt uses, and those that it may mention."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Q
from django.urls import reverse

from elements import photos, selection
from elements.models import Element, ElementVersion, VersionPhoto
from generations import binding
from generations.binding import Pinned
from projects.models import CastMember, Project
from providers.catalogue import Endpoint

MOST = 8


@dataclass(frozen=True, slots=True)
class Choice:
    """An element that may be mentioned; `line` says its kind and version."""

    uuid: str
    name: str
    title: str
    line: str
    thumbnail: str


@dataclass(frozen=True, slots=True)
class ElementChip:
    """An element of the draft. `newer` names a version beyond the pinned one, "" for none.

    `sent` says which of its photos go, in words.
    """

    uuid: str
    name: str
    title: str
    version: str
    newer: str
    thumbnail: str
    href: str
    wardrobe: tuple[str, ...]
    sent: str
    is_attached: bool
    is_mentioned: bool


def choices(project: Project, typed: str) -> list[Choice]:
    """Elements whose handle or name begins with what was typed: the cast first, then the library."""
    fits = Q(handle__istartswith=typed) | Q(name__icontains=typed) if typed else Q()
    usable = Element.objects.living().filter(binding.usable(project), fits).exclude(current=None)
    cast = CastMember.objects.filter(project=project, element__in=usable)
    members = cast.select_related("element", "version").order_by("element__handle")[:MOST]
    pairs = [(member.element, member.version) for member in members]
    others = usable.exclude(roles__project=project).select_related("current").order_by("-touched_at", "-pk")
    pairs += [(row, row.current) for row in others[: MOST - len(pairs)] if row.current]
    fronts = _fronts(version for _, version in pairs)
    return [
        Choice(
            uuid=str(element.uuid),
            name=element.handle,
            title=element.name,
            line=f"{element.get_kind_display()} · v{version.number}",
            thumbnail=fronts.get(version.pk, ""),
        )
        for element, version in pairs
    ]


def chips(
    pinned: Sequence[Pinned], attached: Iterable[str], mentioned: Iterable[str], endpoint: Endpoint
) -> tuple[ElementChip, ...]:
    """`attached` are UUIDs in the form, `mentioned` names in its words; `endpoint` would get their photos."""
    places = _places([one.version for one in pinned])
    held, named = set(attached), set(mentioned)
    return tuple(_chip(one, places.get(one.version.pk, []), held, named, endpoint) for one in pinned)


def _chip(
    one: Pinned, places: list[VersionPhoto], attached: set[str], mentioned: set[str], endpoint: Endpoint
) -> ElementChip:
    current = one.element.current
    newer = current.number if current and current.number > one.version.number else None
    return ElementChip(
        uuid=str(one.element.uuid),
        name=one.name,
        title=one.element.name,
        version=f"v{one.version.number}",
        newer=f"v{newer}" if newer else "",
        thumbnail=_address(places[0].photo.uuid) if places else "",
        href=reverse("elements:element", args=[one.element.uuid]),
        wardrobe=tuple(one.version.wardrobe),
        sent=_sent(places, one.element.kind, endpoint),
        is_attached=str(one.element.uuid) in attached,
        is_mentioned=one.name in mentioned,
    )


def _sent(places: list[VersionPhoto], kind: str, endpoint: Endpoint) -> str:
    """ "the front, profile (the best of 5)"; without words while there is no photo."""
    cards = [photos.card(place, kind) for place in places]
    candidates = [selection.Candidate(card.position, card.label, card.score) for card in cards]
    return selection.said(candidates, endpoint) if candidates else ""


def _places(versions: list[ElementVersion]) -> dict[int, list[VersionPhoto]]:
    """The photos of each version with their pictures, the front first."""
    rows = VersionPhoto.objects.filter(version__in=versions).select_related("photo__blob")
    found: dict[int, list[VersionPhoto]] = {}
    for row in rows.order_by("version_id", "position"):
        found.setdefault(row.version_id, []).append(row)
    return found


def _fronts(versions: Iterable[ElementVersion]) -> dict[int, str]:
    """The address of the front photo of each version."""
    places = VersionPhoto.objects.filter(version__in=list(versions), position=0)
    return {version: _address(photo) for version, photo in places.values_list("version_id", "photo__uuid")}


def _address(photo: UUID) -> str:
    return reverse("elements:photo", args=[photo, "512"])
