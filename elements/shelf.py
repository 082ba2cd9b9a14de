"""Elements as the library shows them: cards of ready strings, a page at a time."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Exists, F, OuterRef, Q
from django.db.models.fields.tuple_lookups import TupleLessThan
from django.urls import reverse

from elements.models import Element, ElementHandle, ElementQuerySet, ElementTag, Kind, VersionPhoto

SIZE = 48
WORDS_MOST = 8


@dataclass(frozen=True, slots=True)
class Asked:
    """What narrows the library; empty fields do not. `sharing` is "", "shared" or a project's slug."""

    text: str = ""
    kind: str = ""
    tag: str = ""
    sharing: str = ""
    archived: bool = False


@dataclass(frozen=True, slots=True)
class Card:
    uuid: str
    href: str
    name: str
    handle: str
    kind: str
    front: str
    angles: str
    version: str
    sharing: str
    tags: tuple[str, ...]
    colour: str


@dataclass(frozen=True, slots=True)
class Shelf:
    """Elements last touched first; `last` is where the next page starts, None on the last one."""

    elements: Sequence[Element]
    last: tuple[datetime, int] | None


def matching(elements: ElementQuerySet, asked: Asked, project_id: int | None) -> ElementQuerySet:
    """Those that match; `project_id` is that of the asked sharing, when it names a project."""
    elements = elements.exclude(archived_at=None) if asked.archived else elements.living()
    if asked.kind:
        elements = elements.filter(kind=asked.kind)
    if asked.sharing:
        elements = elements.filter(project_id=project_id)
    if asked.tag:
        elements = elements.filter(Exists(ElementTag.objects.filter(element=OuterRef("pk"), name=asked.tag)))
    for word in asked.text.split()[:WORDS_MOST]:
        elements = elements.filter(_speaks_of(word.removeprefix("@")))
    return elements


def page(elements: ElementQuerySet, start: tuple[datetime, int] | None, size: int = SIZE) -> Shelf:
    """The `size` elements after `start`, or the first."""
    if start is not None:
        elements = elements.filter(TupleLessThan((F("touched_at"), F("id")), start))
    rows = list(elements.select_related("current").order_by("-touched_at", "-id")[: size + 1])
    shown = rows[:size]
    return Shelf(shown, (shown[-1].touched_at, shown[-1].pk) if len(rows) > size else None)


def cards(elements: Sequence[Element], projects: Mapping[int, str]) -> list[Card]:
    """Cards of elements with their current versions; `projects` are the names of projects the person sees."""
    places = _places([element.current_id for element in elements if element.current_id])
    tags = _tags([element.pk for element in elements])
    return [
        _card(element, places.get(element.current_id or 0, []), tags.get(element.pk, ()), projects)
        for element in elements
    ]


def count(elements: ElementQuerySet, most: int = 1000) -> str:
    """How many there are, counted no further than needed: "248" or "1,000+"."""
    found = elements.order_by()[: most + 1].count()
    return f"{most:,}+" if found > most else f"{found:,}"


def fronts(version_ids: Sequence[int]) -> dict[int, str]:
    """The address of the small front photo of each version."""
    rows = VersionPhoto.objects.filter(version__in=version_ids, position=0)
    return {version: photo_address(uuid) for version, uuid in rows.values_list("version_id", "photo__uuid")}


def photo_address(uuid: UUID, size: str = "512") -> str:
    return reverse("elements:photo", args=[uuid, size])


def counted_angles(photos: int) -> str:
    """How many photos stand beside the front, in words."""
    more = max(0, photos - 1)
    return "front only" if not more else f"front and {more} more"


def _speaks_of(word: str) -> Q:
    """The word stands in the name, the description, a tag, or any handle that the element ever had."""
    handles = ElementHandle.objects.filter(element=OuterRef("pk"), handle__contains=word.lower())
    tags = ElementTag.objects.filter(element=OuterRef("pk"), name__contains=word.lower())
    words = Q(name__icontains=word) | Q(current__description__icontains=word)
    return words | Q(Exists(handles)) | Q(Exists(tags))


def _places(version_ids: Sequence[int]) -> dict[int, list[UUID]]:
    """The photos of each version, the front first."""
    rows = VersionPhoto.objects.filter(version__in=version_ids).order_by("version_id", "position")
    found: dict[int, list[UUID]] = {}
    for version, uuid in rows.values_list("version_id", "photo__uuid"):
        found.setdefault(version, []).append(uuid)
    return found


def _tags(element_ids: Sequence[int]) -> dict[int, tuple[str, ...]]:
    rows = ElementTag.objects.filter(element__in=element_ids).order_by("element_id", "name")
    found: dict[int, tuple[str, ...]] = {}
    for element, name in rows.values_list("element_id", "name"):
        found[element] = (*found.get(element, ()), name)
    return found


def _card(
    element: Element, photos: Sequence[UUID], tags: tuple[str, ...], projects: Mapping[int, str]
) -> Card:
    return Card(
        uuid=str(element.uuid),
        href=reverse("elements:element", args=[element.uuid]),
        name=element.name,
        handle=element.handle,
        kind=str(Kind(element.kind).label),
        front=photo_address(photos[0]) if photos else "",
        angles=counted_angles(len(photos)),
        version=f"v{element.current.number}" if element.current else "",
        sharing=sharing(element, projects),
        tags=tags,
        colour=element.colour,
    )


def sharing(element: Element, projects: Mapping[int, str]) -> str:
    return "Shared" if element.project_id is None else projects.get(element.project_id, "A project")
