"""The page of an element as ready values: photos, versions, where it is cast and how it goes to providers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from django.contrib.humanize.templatetags.humanize import naturalday
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from elements import shelf
from elements.models import Angle, Element, ElementVersion, Origin, VersionPhoto
from elements.rules import MOST_ANGLES
from gallery.used_in import Use
from generations import words
from projects.models import CastMember, Project, ProjectQuerySet
from providers import catalogue

PROJECTS_OFFERED = 8
SHEET_MODEL = "o3"
SHEET_STYLE = "Character sheet of @{handle}, plain light grey background, soft even light, same clothes."
SHEET = (
    "full figure from the front, standing straight, neutral expression",
    "full figure in three-quarter view, standing straight",
    "full figure in profile, standing straight",
    "full figure from behind, standing straight",
    "head and shoulders, laughing",
    "head and shoulders, deep in thought",
)
# The usual places beside the front, and which angles fill them.
SLOTS = (
    (Angle.THREE_QUARTER, (Angle.THREE_QUARTER, Angle.THREE_QUARTER_LEFT, Angle.THREE_QUARTER_RIGHT)),
    (Angle.PROFILE, (Angle.PROFILE, Angle.PROFILE_LEFT, Angle.PROFILE_RIGHT)),
    (Angle.BACK, (Angle.BACK,)),
)


@dataclass(frozen=True, slots=True)
class PhotoRow:
    uuid: str
    small: str
    large: str
    name: str
    angle: str
    label: str
    origin: str
    is_front: bool


@dataclass(frozen=True, slots=True)
class Slot:
    """A place for a photo that is not there yet."""

    angle: str
    label: str


@dataclass(frozen=True, slots=True)
class VersionRow:
    number: int
    note: str
    by: str
    on: str
    use: Use
    is_current: bool
    title: str
    description: str
    wardrobe: str
    photos: Sequence[PhotoRow]


@dataclass(frozen=True, slots=True)
class CastRow:
    """A project that casts the element; `newer` is the number of the version it could be updated to."""

    project: str
    slug: str
    href: str
    version: str
    newer: str
    may_change: bool


@dataclass(frozen=True, slots=True)
class Sheet:
    """A character sheet on one route: what it costs there, and the composer that is filled in for it."""

    route: str
    price: str
    href: str


@dataclass(frozen=True, slots=True)
class Door:
    """Ways into the composer of a project."""

    project: str
    use: str
    sheets: tuple[Sheet, ...]


@dataclass(frozen=True, slots=True)
class ProviderLine:
    name: str
    text: str
    kind: str


def photos(version: ElementVersion | None) -> list[PhotoRow]:
    return rows_of([version.pk]).get(version.pk, []) if version else []


def rows_of(version_ids: Sequence[int]) -> dict[int, list[PhotoRow]]:
    """The photos of each version in their order, in one query."""
    places = VersionPhoto.objects.filter(version__in=version_ids).select_related("photo")
    found: dict[int, list[PhotoRow]] = {}
    for place in places.order_by("version_id", "position"):
        found.setdefault(place.version_id, []).append(_photo(place))
    return found


def slots(shown: Sequence[PhotoRow]) -> list[Slot]:
    """The usual angles that are missing, and one more place while there is room."""
    if len(shown) > MOST_ANGLES:
        return []
    there = {photo.angle for photo in shown}
    missing = [Slot(angle, str(angle.label)) for angle, fill in SLOTS if not there & set(fill)]
    return [*missing, Slot(Angle.OTHER, "Another angle")][: MOST_ANGLES + 1 - len(shown)]


def versions(element: Element, uses: Mapping[int, Use]) -> list[VersionRow]:
    """Every version, the newest first."""
    rows = list(element.versions.select_related("created_by").order_by("-number"))
    pictures = rows_of([row.pk for row in rows])
    return [_version(row, element, uses.get(row.pk, Use()), pictures.get(row.pk, [])) for row in rows]


def cast_in(element: Element, user: User) -> list[CastRow]:
    seen = CastMember.objects.filter(element=element, project__in=Project.objects.visible_to(user))
    changed = set(Project.objects.worked_on_by(user).values_list("pk", flat=True))
    rows = seen.select_related("project", "version").order_by("project__name", "project__pk")
    return [_cast(row, element, row.project_id in changed) for row in rows]


def doors(element: Element, user: User) -> list[Door]:
    """Projects in whose composer the element can be used: its casts first, then by latest activity."""
    cast = set(CastMember.objects.filter(element=element).values_list("project_id", flat=True))
    latest = list(_usable(element, user).order_by("-touched_at", "-pk")[: PROJECTS_OFFERED * 4])
    ordered = sorted(latest, key=lambda project: project.pk not in cast)[:PROJECTS_OFFERED]
    return [_door(element, project) for project in ordered]


def castable(element: Element, user: User) -> list[Project]:
    """Projects whose cast `user` may take the element into."""
    return list(_usable(element, user).exclude(cast__element=element).order_by("name", "pk"))


def sheet_price(ways: Sequence[Door]) -> str:
    """What a character sheet costs, by route: "free or $0.168"."""
    return " or ".join(dict.fromkeys(sheet.price for way in ways[:1] for sheet in way.sheets))


def providers(element: Element) -> list[ProviderLine]:
    """How the current version reaches each provider."""
    number = element.current.number if element.current else 1
    content = f"{element.handle}@{number}"
    made = element.remote_copies.filter(route="kling", content=content, forget_at=None).exists()
    kling = f"element made for v{number}, ready" if made else "element is made once per version"
    return [
        ProviderLine("fal", "sent with each request", "ok"),
        ProviderLine("Kling", kling, "ok" if made else "info"),
        ProviderLine("Runware", "as ordered reference images", "info"),
    ]


def _photo(place: VersionPhoto) -> PhotoRow:
    photo = place.photo
    return PhotoRow(
        uuid=str(photo.uuid),
        small=shelf.photo_address(photo.uuid),
        large=shelf.photo_address(photo.uuid, "1536"),
        name=photo.name,
        angle=place.angle,
        label=str(Angle(place.angle).label),
        origin=str(Origin(photo.origin).label).lower(),
        is_front=place.position == 0,
    )


def _version(row: ElementVersion, element: Element, use: Use, pictures: Sequence[PhotoRow]) -> VersionRow:
    return VersionRow(
        number=row.number,
        note=row.note.rstrip("."),
        by=row.created_by.name if row.created_by else "",
        on=str(naturalday(timezone.localtime(row.created_at), "j F Y")),
        use=use,
        is_current=row.pk == element.current_id,
        title=row.title,
        description=row.description,
        wardrobe=" · ".join(row.wardrobe),
        photos=pictures,
    )


def _cast(row: CastMember, element: Element, may_change: bool) -> CastRow:
    current = element.current
    newer = f"v{current.number}" if current and current.number > row.version.number else ""
    return CastRow(
        project=row.project.name,
        slug=row.project.slug,
        href=reverse("elements:cast", args=[row.project.slug]),
        version=f"v{row.version.number}",
        newer=newer,
        may_change=may_change,
    )


def _usable(element: Element, user: User) -> ProjectQuerySet:
    projects = Project.objects.worked_on_by(user)
    return projects if element.project_id is None else projects.filter(pk=element.project_id)


def _door(element: Element, project: Project) -> Door:
    stills = reverse("gallery:stills", args=[project.slug])
    carried = (
        (route, catalogue.find(route.key, SHEET_MODEL, 0, series=True, elements=1))
        for route in catalogue.routes()
    )
    return Door(
        project=project.name,
        use=f"{stills}?{urlencode({'mode': 'still', 'prompt': f'@{element.handle} '})}",
        sheets=tuple(
            Sheet(
                route=route.label,
                price=words.price(catalogue.estimate(row, "1K", len(SHEET))),
                href=f"{stills}?{urlencode({**_sheet(element), 'route': route.key})}",
            )
            for route, row in carried
            if row
        ),
    )


def _sheet(element: Element) -> dict[str, str]:
    """The composer's fields for six panels: front, three-quarter, profile, back, two expressions."""
    panels = (f"Panel {n}: @{element.handle}, {text}." for n, text in enumerate(SHEET, start=1))
    return {
        "mode": "series",
        "model": SHEET_MODEL,
        "resolution": "1K",
        "aspect_ratio": "3:4",
        "count": str(len(SHEET)),
        "prompt": "\n".join((SHEET_STYLE.format(handle=element.handle), *panels)),
    }
