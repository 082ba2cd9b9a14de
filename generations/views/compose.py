"""The composer: shown, previewed, sent."""

import json

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.signed_in import SignedIn
from generations import access, composer, plan, strip
from generations.forms import ComposerForm


@require_http_methods(["GET", "POST"])
def show(request: SignedIn, slug: str) -> HttpResponse:
    """The composer alone, prefilled from what was sent; POST because a draft is too long for an address."""
    project = access.project_seen_by(request.user, slug)
    data = request.POST if request.method == "POST" else request.GET
    prepared = composer.prepare(request.user, project, data)
    return render(request, "generations/composer.html", {"composer": prepared})


@require_POST
def preview(request: SignedIn, slug: str) -> HttpResponse:
    """What the draft would come to: the parts around the words, never the words."""
    project = access.project_seen_by(request.user, slug)
    prepared = composer.prepare(request.user, project, request.POST)
    return render(request, "generations/composer.html#preview", {"composer": prepared})


@require_POST
def create(request: SignedIn, slug: str) -> HttpResponse:
    """Start a generation and answer the same form under a new key."""
    project = access.project_worked_on_by(request.user, slug)
    form = ComposerForm(request.POST, user=request.user, project=project)
    if not form.is_valid():
        return _again(request, composer.show(request.user, form, pressed=True))
    try:
        generation = plan.start(form.intent())
    except plan.FormKeyReused as error:
        form.add_error(None, f"{error} Press Generate again to start this one.")
        return _again(request, composer.show(request.user, form, pressed=True, fresh_key=True))
    if not request.headers.get("HX-Request"):
        messages.success(request, "Started. The pictures come into the gallery as they are made.")
        return redirect("gallery:stills", slug)
    answer = render(
        request,
        "generations/composer.html",
        {"composer": composer.show(request.user, form, pressed=True, fresh_key=True)},
    )
    outputs = plan.outputs_of_batch(generation)
    answer["HX-Trigger"] = json.dumps(
        {"framehouse:started": {"generation": str(generation.uuid), "outputs": outputs}}
    )
    return answer


@require_GET
def running(request: SignedIn, slug: str) -> HttpResponse:
    """The live strip alone."""
    project = access.project_seen_by(request.user, slug)
    return render(request, "generations/strip.html", {"strip": strip.prepare(request.user, project)})


def _again(request: HttpRequest, prepared: composer.Composer) -> HttpResponse:
    """The form with its sentences: as a part for htmx, as a page without a script."""
    template = "composer.html" if request.headers.get("HX-Request") else "composer_page.html"
    return render(request, f"generations/{template}", {"composer": prepared, "room": "projects"}, status=422)
