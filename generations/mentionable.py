"""Elements as the composer shows them: those that a prompt uses, and those that it may mention."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db.models import Q
from django.urls import reverse

from elements.models import Element, ElementVersion, VersionPhoto
from generations import binding
from generations.binding import Pinned
from projects.models import CastMember, Project

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
    """An element of the draft. `newer` names a version beyond the pinned one, "" for none."""

    uuid: str
    name: str
    title: str
    version: str
    newer: str
    thumbnail: str
    href: str
    wardrobe: tuple[str, ...]
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
    pinned: Sequence[Pinned], attached: Iterable[str], mentioned: Iterable[str]
) -> tuple[ElementChip, ...]:
    """`attached` are UUIDs in the form, `mentioned` the names in its words."""
    fronts = _fronts(one.version for one in pinned)
    held, named = set(attached), set(mentioned)
    return tuple(_chip(one, fronts.get(one.version.pk, ""), held, named) for one in pinned)


def _chip(one: Pinned, front: str, attached: set[str], mentioned: set[str]) -> ElementChip:
    current = one.element.current
    newer = current.number if current and current.number > one.version.number else None
    return ElementChip(
        uuid=str(one.element.uuid),
        name=one.name,
        title=one.element.name,
        version=f"v{one.version.number}",
        newer=f"v{newer}" if newer else "",
        thumbnail=front,
        href=reverse("elements:element", args=[one.element.uuid]),
        wardrobe=tuple(one.version.wardrobe),
        is_attached=str(one.element.uuid) in attached,
        is_mentioned=one.name in mentioned,
    )


def _fronts(versions: Iterable[ElementVersion]) -> dict[int, str]:
    """The address of the front photo of each version."""
    places = VersionPhoto.objects.filter(version__in=list(versions), position=0)
    return {
        version: reverse("elements:photo", args=[photo, "512"])
        for version, photo in places.values_list("version_id", "photo__uuid")
    }
