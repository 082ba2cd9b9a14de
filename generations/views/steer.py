"""Cancel, retry, edit and retry, and deciding what nobody else can know."""

import json
from collections.abc import Mapping
from dataclasses import replace
from uuid import UUID, uuid4

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.signed_in import SignedIn
from gallery.project_cards import budget_of
from generations import decisions, plan, repeat, stopping
from generations.models import Generation
from spend import budgets


@require_POST
def cancel(request: SignedIn, uuid: UUID) -> HttpResponse:
    generation = _steered(request, uuid)
    told = stopping.stop(_orders(request, generation), request.user.name)
    return _told(request, generation, told.kind, told.sentence)


@require_POST
def retry(request: SignedIn, uuid: UUID) -> HttpResponse:
    """The same request once more, as a generation of its own; of a batch all its orders."""
    generation = _steered(request, uuid)
    try:
        intent = repeat.intent(generation, request.user, _form_key(request))
        repeat.check_fit(intent)
        again = plan.start(replace(intent, count=sum(one.count for one in _orders(request, generation))))
    except (repeat.CannotRepeat, plan.FormKeyReused, budgets.Blocked) as error:
        return _told(request, generation, "bad", str(error), status=422)
    outputs = plan.outputs_of_batch(again)
    started = {"framehouse:started": {"generation": str(again.uuid), "outputs": outputs}}
    return _told(request, again, "ok", "Started again. The first one stays as it is.", more=started)


@require_GET
def edit(request: SignedIn, uuid: UUID) -> HttpResponse:
    """The composer, filled with the frozen request."""
    generation = _steered(request, uuid)
    stills = reverse("gallery:stills", args=[generation.project.slug])
    return redirect(f"{stills}?{urlencode({'from': str(generation.uuid)})}")


@require_http_methods(["GET", "POST"])
def decision(request: SignedIn, uuid: UUID) -> HttpResponse:
    """The evidence for everybody who sees the project; deciding is for those who may spend in it."""
    if request.method == "POST":
        return _decide(request, _steered(request, uuid))
    seen = Generation.objects.visible_to(request.user).select_related("project")
    return _decision_page(request, get_object_or_404(seen, uuid=uuid))


def _decide(request: SignedIn, generation: Generation) -> HttpResponse:
    number = request.POST.get("number", "")
    try:
        done = decisions.decide(generation, request.POST.get("act", ""), number, request.user)
    except decisions.NotTaken as refusal:
        return _decision_page(request, generation, str(refusal), number=number, status=422)
    except decisions.TooLate as refusal:
        generation.refresh_from_db()
        return _decision_page(request, generation, str(refusal), status=409)
    messages.success(request, done)
    return redirect("generations:detail", generation.uuid)


def _decision_page(
    request: SignedIn, generation: Generation, refusal: str = "", *, number: str = "", status: int = 200
) -> HttpResponse:
    context = {
        "project": generation.project,
        "evidence": decisions.evidence(generation),
        "may_decide": Generation.objects.steered_by(request.user).filter(pk=generation.pk).exists(),
        "refusal": refusal,
        "number": number,
        "room": "projects",
        "budget": budget_of(generation.project),
    }
    return render(request, "generations/decision.html", context, status=status)


def _steered(request: SignedIn, uuid: UUID) -> Generation:
    mine = Generation.objects.steered_by(request.user).select_related("project")
    return get_object_or_404(mine, uuid=uuid)


def _orders(request: HttpRequest, generation: Generation) -> list[Generation]:
    """The generation alone, or with the other orders of its batch where the batch was meant."""
    if "batch" not in request.POST:
        return [generation]
    return list(
        Generation.objects.filter(project=generation.project, batch=generation.batch).order_by("part")
    )


def _form_key(request: HttpRequest) -> UUID:
    """The number that makes a double click one intent; a button without one starts something new."""
    try:
        return UUID(request.POST.get("form_key", ""))
    except ValueError:
        return uuid4()


def _told(
    request: HttpRequest,
    generation: Generation,
    kind: str,
    words: str,
    *,
    status: int = 204,
    more: Mapping[str, object] | None = None,
) -> HttpResponse:
    """A notice: as a toast for htmx, as a message on the generation's page without a script."""
    if not request.headers.get("HX-Request"):
        messages.add_message(request, messages.ERROR if kind == "bad" else messages.SUCCESS, words)
        return redirect("generations:detail", generation.uuid)
    trigger = {"toast": {"text": words, "kind": kind}, "framehouse:changed": {}, **(more or {})}
    return HttpResponse(status=status, headers={"HX-Trigger": json.dumps(trigger)})
