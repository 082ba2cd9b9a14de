"""Cancel, retry, edit and retry."""

import json
from collections.abc import Mapping
from dataclasses import replace
from uuid import UUID, uuid4

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_GET, require_POST

from accounts.signed_in import SignedIn
from generations import pipeline, plan, repeat
from generations.models import Generation
from spend import budgets


@require_POST
def cancel(request: SignedIn, uuid: UUID) -> HttpResponse:
    generation = _steered(request, uuid)
    stopped = [pipeline.cancel(order, request.user.name) for order in _orders(request, generation)]
    if any(stopped):
        return _told(request, generation, "ok", "Cancelled; nothing was charged.")
    return _told(request, generation, "info", "It had already ended; nothing was changed.")


@require_POST
def retry(request: SignedIn, uuid: UUID) -> HttpResponse:
    """The same request once more, as a generation of its own; of a batch all its orders."""
    generation = _steered(request, uuid)
    try:
        intent = repeat.intent(generation, request.user, _form_key(request))
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
