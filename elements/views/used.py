"""Where an element was used: its pictures, and making those of an old version again with the current one."""

from urllib.parse import urlencode
from uuid import UUID, uuid4

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from accounts.signed_in import SignedIn
from elements.views.element import frame, seen
from gallery import paging, redo, selection, tiles, used_in
from gallery.redo import TooMany
from generations.cursor import Cursor
from generations.models import Output
from generations.plan import FormKeyReused
from spend.budgets import Blocked

OLD = "old"


@require_GET
def used(request: SignedIn, uuid: UUID) -> HttpResponse:
    """Pictures made with the element, newest first, or with one version; for htmx only the further ones."""
    element = seen(request, uuid)
    asked = request.GET.get("version", "")
    asked = asked if asked == OLD or (asked.isdecimal() and len(asked) < 6) else ""
    outputs = tiles.for_tiles(used_in.pictures(element, request.user, asked))
    page = paging.older(outputs, Cursor.read(request.GET.get("before", "")))
    context = {"page": page, "tiles": tiles.make(page.outputs), "asked": asked}
    context["ahead"] = f"{urlencode({'version': asked})}&" if asked else ""
    if request.headers.get("HX-Request-Type") == "partial":
        return render(request, "elements/element_used.html#page", context)
    return render(request, "elements/element_used.html", frame(request, element, "used") | context)


@require_POST
def again(request: SignedIn, uuid: UUID) -> HttpResponse:
    """What the chosen pictures would come to with the current version, as a dialog; with a key, start it."""
    element = seen(request, uuid)
    theirs = Output.objects.curated_by(request.user).filter(generation__elements__element=element).distinct()
    ids = selection.named(request.POST.getlist("id"))
    chosen = selection.all_or_none(theirs, ids)
    key = _key(request.POST.get("key", ""))
    try:
        wanted = redo.prepare(element, chosen, request.user, key or uuid4())
    except TooMany as refusal:
        return _dialog(request, {"element": element, "refusal": str(refusal)}, 422)
    if key is None or not wanted.intents:
        return _dialog(request, {"element": element, "redo": wanted, "ids": ids, "key": uuid4()}, 200)
    try:
        started = redo.start(wanted)
    except (FormKeyReused, Blocked) as refusal:
        return _dialog(request, {"element": element, "refusal": str(refusal)}, 422)
    made = f"{wanted.pictures} pictures are" if wanted.pictures > 1 else "1 picture is"
    messages.success(request, f"{made} being made with v{element.current.number if element.current else 1}.")
    projects = {generation.project.slug for generation in started}
    return (
        redirect("generations:queue", projects.pop())
        if len(projects) == 1
        else redirect("generations:queue_all")
    )


def _dialog(request: SignedIn, context: dict[str, object], status: int) -> HttpResponse:
    return render(request, "elements/element_again.html", context, status=status)


def _key(told: str) -> UUID | None:
    if not told:
        return None
    try:
        return UUID(told)
    except ValueError as error:
        raise Http404 from error
