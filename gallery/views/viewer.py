"""One still: the page that a link leads to, and the same inside the gallery's dialog."""

from dataclasses import dataclass
from urllib.parse import urlencode
from uuid import UUID

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET

from accounts.signed_in import SignedIn
from gallery import details, filters, paging, tiles
from gallery.details import Relative
from gallery.filters import Filter
from gallery.project_cards import budget_of
from gallery.tiles import Tile
from generations import words
from generations.cursor import Cursor
from generations.models import Output, Series
from projects.models import Project

BESIDE = 12
COMPARED_MOST = 9


@dataclass(frozen=True, slots=True)
class _Rate:
    value: str
    pressed: str


@require_GET
def viewer(request: SignedIn, uuid: UUID) -> HttpResponse:
    """The still with its neighbours in the filter of the address; for htmx the dialog's content alone."""
    known = Output.objects.visible_to(request.user).stored()
    related = known.select_related("project", "blob", "twin", "generation__user", "generation__parent")
    output = get_object_or_404(related, uuid=uuid)
    may_curate = Project.objects.worked_on_by(request.user).filter(pk=output.project_id).exists()
    if output.trashed_at and not may_curate:
        raise Http404
    asked = filters.read(request.GET)
    film, place = _film(request, output, asked)
    relatives = details.relatives(output)
    context = {
        "project": output.project,
        "room": "projects",
        "budget": budget_of(output.project),
        "tile": tiles.make([output])[0],
        "generation_uuid": str(output.generation.uuid),
        "series_uuid": _series_of(output),
        "watermark_of": _watermark_of(output),
        "details": details.describe(output),
        "relatives": relatives,
        "compare_query": _compare_query(relatives, film, place),
        "rates": [_Rate(str(n), "true" if n <= output.rating else "false") for n in range(1, 6)],
        "film": film,
        "previous": film[place - 1] if place else None,
        "next": film[place + 1] if place + 1 < len(film) else None,
        "query": f"?{asked.query()}" if asked.query() else "",
        "tab": "versions" if request.GET.get("tab") == "versions" else "details",
        "may_curate": may_curate,
        "is_trashed": output.trashed_at is not None,
    }
    partial = request.headers.get("HX-Request-Type") == "partial"
    return render(request, f"gallery/viewer.html{'#inside' if partial else ''}", context)


def _series_of(output: Output) -> str:
    """The series that this still is a take of; empty for none."""
    uuid = Series.objects.filter(panels__takes__output=output).values_list("uuid", flat=True).first()
    return str(uuid) if uuid else ""


def _watermark_of(output: Output) -> str:
    """Whose watermark the stored copy of this still has; empty where there is none."""
    twin = getattr(output, "twin", None)
    return words.route(output.generation.route) if twin and twin.blob_id else ""


def _film(request: SignedIn, output: Output, asked: Filter) -> tuple[list[Tile], int]:
    """The stills around `output` in this filter, newest first, and where it stands among them."""
    matching = tiles.for_tiles(filters.matching(output.project, request.user, asked).stored())
    here = Cursor.of(output)
    above = paging.newer(matching, here, BESIDE).outputs
    below = paging.older(matching, here, BESIDE).outputs
    return tiles.make([*above, output, *below]), len(above)


def _compare_query(relatives: list[Relative], film: list[Tile], place: int) -> str:
    """This still with its nearest relatives, or with its neighbour; empty where it stands alone."""
    this = film[place].uuid
    family = [one.tile.uuid for one in relatives if not one.is_this]
    neighbour = [one.uuid for one in film[place + 1 : place + 2] or film[place - 1 : place]]
    others = family[: COMPARED_MOST - 1] or neighbour
    return urlencode([("id", uuid) for uuid in [this, *others]]) if others else ""
