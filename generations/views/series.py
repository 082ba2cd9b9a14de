"""Series: all of a project, one with its panels, and what can be done to a panel."""

import json
from collections.abc import Mapping
from uuid import UUID, uuid4

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_POST

from accounts.signed_in import SignedIn
from gallery.project_cards import budget_of
from generations import access, plan, retakes, series_page
from generations.models import OutputState, Panel, Series
from spend import budgets

TEXT_MOST = 2500


@require_GET
def index(request: SignedIn, slug: str) -> HttpResponse:
    project = access.project_seen_by(request.user, slug)
    newest: QuerySet[Series] = series_page.complete(Series.objects.filter(project=project))
    page = Paginator(newest.order_by("-created_at", "-pk"), series_page.PER_PAGE).get_page(
        request.GET.get("page")
    )
    context = {
        "project": project,
        "cards": series_page.cards(list(page)),
        "page": page,
        "room": "projects",
        "budget": budget_of(project),
    }
    return render(request, "generations/series_index.html", context)


@require_GET
def show(request: SignedIn, uuid: UUID) -> HttpResponse:
    series = get_object_or_404(series_page.complete(Series.objects.visible_to(request.user)), uuid=uuid)
    return _shown(request, series)


@require_POST
def lock(request: SignedIn, uuid: UUID, number: int) -> HttpResponse:
    """Lock a panel, or free it; only one that shows a picture can be locked."""
    panel = _panel(request, uuid, number)
    wanted = request.POST.get("locked") == "1"
    output = retakes.shown(panel)
    if wanted and (output is None or output.state != OutputState.STORED):
        return _told(request, panel, "bad", "There is no picture to lock yet.", status=422)
    # The picture that is locked is the chosen one from now on: a late take does not change it.
    chosen = output if wanted else panel.chosen
    Panel.objects.filter(pk=panel.pk).update(is_locked=wanted, chosen=chosen)
    return _told(request, panel, "ok", f"Panel {number} is {'locked' if wanted else 'free'}.")


@require_POST
def choose(request: SignedIn, uuid: UUID, number: int) -> HttpResponse:
    """Show another take of a panel."""
    panel = _panel(request, uuid, number)
    wanted = request.POST.get("output", "")
    stored = [take.output for take in panel.takes.all() if take.output.state == OutputState.STORED]
    output = next((one for one in stored if str(one.uuid) == wanted and one.trashed_at is None), None)
    if output is None:
        return _told(request, panel, "bad", "This take is not there any more.", status=422)
    if panel.is_locked:
        return _told(request, panel, "bad", "The panel is locked. Free it first.", status=422)
    Panel.objects.filter(pk=panel.pk).update(chosen=output)
    return _told(request, panel, "ok", f"Panel {number} shows another take.")


@require_POST
def retake(request: SignedIn, uuid: UUID, number: int) -> HttpResponse:
    """One more take of a panel, in the words that were sent; the locked panels become its references."""
    panel = _panel(request, uuid, number)
    if panel.is_locked:
        return _told(
            request, panel, "bad", "The panel is locked. Free it first; nothing was sent.", status=422
        )
    words = request.POST.get("text", "")[: TEXT_MOST + 1]
    panels = list(panel.series.panels.all())
    locked = series_page.locked_outputs(panels)
    if unused := series_page.unused(panels, locked):
        return _told(request, panel, "bad", f"{unused} Nothing was sent.", status=422)
    form = retakes.form(panel, locked, words, request.user, _form_key(request))
    if not form.is_valid():
        sentence = next(str(error) for errors in form.errors.values() for error in errors)
        return _told(request, panel, "bad", sentence, status=422)
    try:
        generation = plan.start(retakes.intent(panel, form))
    except (plan.FormKeyReused, budgets.Blocked) as error:
        return _told(request, panel, "bad", str(error), status=422)
    Panel.objects.filter(pk=panel.pk).update(text=words)
    outputs = [str(one) for one in generation.outputs.values_list("uuid", flat=True)]
    started = {"framehouse:started": {"generation": str(generation.uuid), "outputs": outputs}}
    return _told(request, panel, "ok", f"Panel {number} is being made again.", more=started)


def _panel(request: SignedIn, uuid: UUID, number: int) -> Panel:
    mine = series_page.complete(Series.objects.worked_on_by(request.user))
    series = get_object_or_404(mine, uuid=uuid)
    panel = next((one for one in series.panels.all() if one.position == number - 1), None)
    if panel is None:
        raise Http404
    return panel


def _form_key(request: SignedIn) -> UUID:
    try:
        return UUID(request.POST.get("form_key", ""))
    except ValueError:
        return uuid4()


def _shown(request: SignedIn, series: Series) -> HttpResponse:
    part = "#body" if request.headers.get("HX-Request-Type") == "partial" else ""
    context = {
        "project": series.project,
        "series": series_page.page(series, request.user),
        "room": "projects",
        "budget": budget_of(series.project),
    }
    return render(request, f"generations/series.html{part}", context)


def _told(
    request: SignedIn,
    panel: Panel,
    kind: str,
    words: str,
    *,
    status: int = 204,
    more: Mapping[str, object] | None = None,
) -> HttpResponse:
    """A notice: as a toast for htmx, which then asks for the page anew; as a message without a script."""
    if not request.headers.get("HX-Request"):
        messages.add_message(request, messages.ERROR if kind == "bad" else messages.SUCCESS, words)
        return redirect("generations:series", panel.series.uuid)
    trigger = {"toast": {"text": words, "kind": kind}, "framehouse:changed": {}, **(more or {})}
    return HttpResponse(status=status, headers={"HX-Trigger": json.dumps(trigger)})
