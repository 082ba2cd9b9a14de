"""The library: its grid with search and filters, and the bytes of photos."""

from collections.abc import Sequence
from urllib.parse import urlencode
from uuid import UUID

from django.db.models import Count
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET, require_safe

from accounts.signed_in import SignedIn
from elements import shelf
from elements.models import ElementTag, Kind, Photo
from elements.shelf import Asked
from gallery.choices import Choice
from generations.cursor import Cursor
from media.serving import serve
from projects.cast import elements_visible_to, may_add_elements
from projects.models import Project

EDGES = {"512": 512, "1536": 1536, "original": None}
TAGS_SHOWN = 60
SHARED = "shared"
LONGEST_TEXT = 100


@require_GET
def index(request: SignedIn) -> HttpResponse:
    """The grid; for htmx only its further cards. A filter that is not known narrows nothing."""
    projects = list(Project.objects.visible_to(request.user).order_by("name", "pk"))
    asked = _asked(request, projects)
    project_id = next((row.pk for row in projects if row.slug == asked.sharing), None)
    elements = shelf.matching(elements_visible_to(request.user), asked, project_id)
    start = Cursor.read(request.GET.get("before", ""))
    page = shelf.page(elements, (start.at, start.pk) if start else None)
    context = {
        "cards": shelf.cards(page.elements, {row.pk: row.name for row in projects}),
        "older": str(Cursor(*page.last)) if page.last else "",
        "ahead": f"{_query(asked)}&" if _query(asked) else "",
    }
    if request.headers.get("HX-Request-Type") == "partial":
        return render(request, "elements/library.html#page", context)
    whole = {
        "room": "elements",
        "asked": asked,
        "is_plain": asked == Asked(),
        "count": shelf.count(elements),
        "kinds": _choices(asked, "kind", [("", "All"), *Kind.choices]),
        "sharings": _sharings(asked, projects),
        "kept": [(name, value) for name, value in _parts(asked) if name != "q"],
        "may_add": may_add_elements(request.user),
    }
    return render(request, "elements/library.html", context | whole)


@require_GET
def tags(request: SignedIn) -> HttpResponse:
    """The tags in use, most used first: a menu that is asked for when it opens."""
    asked = _asked(request, list(Project.objects.visible_to(request.user)))
    living = elements_visible_to(request.user).living()
    used = ElementTag.objects.filter(element__in=living.values("pk")).values_list("name")
    names = [name for name, _ in used.annotate(uses=Count("pk")).order_by("-uses", "name")[:TAGS_SHOWN]]
    choices = _choices(asked, "tag", [("", "Every tag"), *((name, name) for name in names)])
    return render(request, "elements/library.html#tags", {"tags": choices, "none": not names})


@require_safe
def photo(request: SignedIn, uuid: UUID, size: str) -> HttpResponseBase:
    """A photo of an element, for whoever sees the element."""
    seen = Photo.objects.filter(element__in=elements_visible_to(request.user)).select_related("blob")
    found = get_object_or_404(seen, uuid=uuid)
    if size not in EDGES:
        raise Http404
    return serve(request, found.blob, edge=EDGES[size])


def _asked(request: SignedIn, projects: Sequence[Project]) -> Asked:
    told = request.GET
    sharing = told.get("in", "")
    return Asked(
        text=told.get("q", "")[:LONGEST_TEXT].replace("\0", "").strip(),
        kind=told.get("kind", "") if told.get("kind") in Kind.values else "",
        tag=told.get("tag", "")[:LONGEST_TEXT].replace("\0", ""),
        sharing=sharing if sharing in {SHARED, *(row.slug for row in projects)} else "",
        archived=told.get("archived") == "1",
    )


def _parts(asked: Asked) -> list[tuple[str, str]]:
    told = (
        ("q", asked.text),
        ("kind", asked.kind),
        ("tag", asked.tag),
        ("in", asked.sharing),
        ("archived", "1" if asked.archived else ""),
    )
    return [(name, value) for name, value in told if value]


def _query(asked: Asked, **changed: str) -> str:
    """The address of the same library with something changed."""
    return urlencode([(name, value) for name, value in (dict(_parts(asked)) | changed).items() if value])


def _choices(asked: Asked, name: str, offered: Sequence[tuple[str, str]]) -> list[Choice]:
    chosen = dict(_parts(asked)).get(name, "")
    return [Choice(str(label), _query(asked, **{name: value}), value == chosen) for value, label in offered]


def _sharings(asked: Asked, projects: Sequence[Project]) -> list[Choice]:
    offered = [("", "Shared and of projects"), (SHARED, "Shared with the studio")]
    choices = _choices(asked, "in", [*offered, *((row.slug, row.name) for row in projects)])
    return [*choices, *_choices(asked, "archived", [("" if asked.archived else "1", "Archived")])]
