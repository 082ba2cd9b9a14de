"""Acts on stills, one or many, their undo, and the trash."""

from django.core import signing
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.template.loader import render_to_string
from django.views.decorators.http import require_GET, require_POST

from accounts.signed_in import SignedIn
from gallery import curation, filters, paging, selection, tiles
from gallery.curation import TooMany
from gallery.forms import ACTS
from gallery.project_cards import budget_of
from generations.cursor import Cursor
from generations.models import Output, OutputQuerySet
from projects.models import Project


@require_POST
def curate(request: SignedIn, slug: str, act: str) -> HttpResponse:
    """Do `act` to ?id=… or, with all=1, to whatever the filter in the form matches. Makers only."""
    project = get_object_or_404(Project.objects.worked_on_by(request.user), slug=slug)
    if act not in ACTS:
        raise Http404
    form = ACTS[act](request.POST)
    if not form.is_valid():
        return JsonResponse({"text": str(form.errors["value"][0])}, status=422)
    outputs = _chosen(request, project, restoring=act == "restore")
    change = form.change()
    try:
        outcome = curation.apply(project, outputs, change, request.user.name)
    except TooMany as refused:
        return JsonResponse({"text": str(refused)}, status=422)
    text = f"{change.done} {_stills(outcome.changed)}." if outcome.changed else "Nothing changed."
    undo = outcome.token if outcome.changed else ""
    return JsonResponse({"text": text, "undo": undo, "tiles": _fresh_tiles(request, project)})


@require_POST
def undo(request: SignedIn, slug: str) -> HttpResponse:
    project = get_object_or_404(Project.objects.worked_on_by(request.user), slug=slug)
    try:
        changed = curation.undo(project, request.POST.get("token", ""), request.user.name)
    except signing.BadSignature:
        return JsonResponse({"text": "This can no longer be undone."}, status=422)
    return JsonResponse({"text": f"Put back {_stills(changed)}.", "tiles": _fresh_tiles(request, project)})


@require_GET
def trash(request: SignedIn, slug: str) -> HttpResponse:
    """What was thrown away, newest first by when it was made."""
    project = get_object_or_404(Project.objects.worked_on_by(request.user), slug=slug)
    outputs = tiles.for_tiles(_trashed(project))
    page = paging.older(outputs, Cursor.read(request.GET.get("before", "")))
    context = {
        "project": project,
        "room": "projects",
        "budget": budget_of(project),
        "tiles": tiles.make(page.outputs),
        "page": page,
    }
    return render(request, "gallery/trash.html", context)


def _trashed(project: Project) -> OutputQuerySet:
    return Output.objects.filter(project=project, trashed_at__isnull=False).stored()


def _chosen(request: SignedIn, project: Project, *, restoring: bool) -> OutputQuerySet:
    if request.POST.get("all") == "1":
        asked = filters.matching(project, request.user, filters.read(request.POST))
        return _trashed(project) if restoring else asked.stored()
    among = _trashed(project) if restoring else filters.stills(project).stored()
    return selection.all_or_none(among, selection.named(request.POST.getlist("id")))


def _fresh_tiles(request: SignedIn, project: Project) -> str:
    """The named tiles as they stand now; those that left the grid are left out."""
    named = selection.named(request.POST.getlist("id"))
    outputs = tiles.for_tiles(filters.stills(project).filter(uuid__in=named))
    return render_to_string("gallery/tiles.html", {"tiles": tiles.make(outputs)})


def _stills(count: int) -> str:
    return "1 still" if count == 1 else f"{count:,} stills"
