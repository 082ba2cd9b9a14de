"""The stills of a project: the page, its further pages, what is newer, and single tiles anew."""

from urllib.parse import parse_qsl

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET

from accounts.signed_in import SignedIn
from gallery import choices, filters, paging, selection, tiles
from gallery.filters import Filter
from gallery.paging import Page
from gallery.project_cards import budget_of
from generations import composer, strip
from generations.cursor import Cursor
from generations.models import OutputQuerySet
from projects.models import Project


@require_GET
def stills(request: SignedIn, slug: str) -> HttpResponse:
    """The page; for htmx only the further tiles. A cursor that cannot be read shows the newest."""
    project = get_object_or_404(Project.objects.visible_to(request.user), slug=slug)
    asked = filters.read(request.GET)
    outputs = filters.matching(project, request.user, asked)
    start, page = _page(request, tiles.for_tiles(outputs))
    context = {
        "project": project,
        "asked": asked,
        "query": asked.query(),
        "ahead": f"{asked.query()}&" if asked.query() else "",
        "page": page,
        "days": tiles.by_day(page.outputs, start, _last_count(outputs, page)),
    }
    if request.headers.get("HX-Request-Type") == "partial":
        return render(request, "gallery/stills.html#page", context)
    alone = page.older is None and page.newer is None
    count = f"{len(page.outputs):,}" if alone else paging.count(outputs)
    return render(request, "gallery/stills.html", context | _whole(request, project, asked, count))


@require_GET
def newer(request: SignedIn, slug: str) -> HttpResponse:
    """Tiles above ?after=, newest first, in the same filter, and how many there are now.

    Without a cursor the newest page.
    """
    project = get_object_or_404(Project.objects.visible_to(request.user), slug=slug)
    outputs = filters.matching(project, request.user, filters.read(request.GET))
    with_facts = tiles.for_tiles(outputs)
    after = Cursor.read(request.GET.get("after", ""))
    page = paging.newer(with_facts, after) if after else paging.older(with_facts, None)
    days = tiles.by_day(page.outputs, None, _last_count(outputs, page))
    context = {"days": days, "count": paging.count(outputs)}
    return render(request, "gallery/stills.html#newer", context)


@require_GET
def tiles_again(request: SignedIn, slug: str) -> HttpResponse:
    """The tiles of ?id=…&id=… as they stand now; one that left the grid is left out."""
    project = get_object_or_404(Project.objects.visible_to(request.user), slug=slug)
    outputs = tiles.for_tiles(
        filters.stills(project).filter(uuid__in=selection.named(request.GET.getlist("id")))
    )
    return render(request, "gallery/tiles.html", {"tiles": tiles.make(outputs)})


def _page(request: SignedIn, outputs: OutputQuerySet) -> tuple[Cursor | None, Page]:
    """The page asked for by ?before= or ?after=, and the cursor that its first still follows."""
    after = Cursor.read(request.GET.get("after", ""))
    above = paging.newer(outputs, after) if after else None
    if above and above.outputs:
        return None, above
    before = Cursor.read(request.GET.get("before", ""))
    return before, paging.older(outputs, before)


def _last_count(outputs: OutputQuerySet, page: Page) -> str:
    """How many stills the page's last day has in this filter, also beyond the page."""
    if not page.outputs:
        return "0"
    first, last = tiles.day_bounds(page.outputs[-1].created_at)
    return paging.count(outputs.filter(created_at__gte=first, created_at__lt=last))


def _whole(request: SignedIn, project: Project, asked: Filter, count: str) -> dict[str, object]:
    """What only the full page shows."""
    return {
        "room": "projects",
        "composer": composer.prepare(request.user, project, request.GET),
        "strip": strip.prepare(request.user, project),
        "budget": budget_of(project),
        "count": count,
        "choices": choices.shows(asked),
        "narrower": choices.narrower(asked),
        "kept": [(name, value) for name, value in parse_qsl(asked.query()) if name != "q"],
        "star_choices": choices.STAR_CHOICES,
        "may_curate": Project.objects.worked_on_by(request.user).filter(pk=project.pk).exists(),
    }
