"""The composer: shown, previewed, sent."""

import json

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.signed_in import SignedIn
from generations import access, composer, mentionable, plan, routing, sending, strip, takeover, words
from generations.forms import ComposerForm
from grammar.story import panels_of
from providers import pasted
from spend import bars, budgets

STORY_MOST = 10_000  # characters of a text that is taken apart


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
    form = routing.settled(ComposerForm(request.POST, user=request.user, project=project))
    if not form.is_valid():
        return _again(request, composer.show(request.user, form, pressed=True))
    try:
        generation = plan.start(form.intent())
    except plan.FormKeyReused as error:
        form.add_error(None, f"{error} Press Generate again to start this one.")
        return _again(request, composer.show(request.user, form, pressed=True, fresh_key=True))
    except budgets.Blocked as refusal:
        form.add_error(None, str(refusal))
        return _again(request, composer.show(request.user, form, pressed=True))
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
    """The live strip alone, and beside it what was spent meanwhile."""
    project = access.project_seen_by(request.user, slug)
    budget = bars.of_projects([project.pk])[project.pk]
    context = {"strip": strip.prepare(request.user, project), "fresh_budget": budget}
    return render(request, "generations/strip.html", context)


@require_GET
def mentions(request: SignedIn, slug: str) -> HttpResponse:
    """Elements that may be mentioned, for what was typed after an @."""
    project = access.project_worked_on_by(request.user, slug)
    typed = request.GET.get("q", "")[:30].replace("\0", "")
    context = {"choices": mentionable.choices(project, typed)}
    return render(request, "generations/mentions.html", context)


@require_POST
def split(request: SignedIn, slug: str) -> JsonResponse:
    """A story in one text, taken apart into its style line and its panels."""
    access.project_worked_on_by(request.user, slug)
    style, panels = panels_of(request.POST.get("text", "")[:STORY_MOST])
    return JsonResponse({"style": style, "panels": panels})


@require_POST
def sending_of(request: SignedIn, slug: str) -> HttpResponse:
    """What every route would get for this draft; nothing is sent."""
    project = access.project_worked_on_by(request.user, slug)
    requests, refusals = sending.everywhere(request.POST, request.user, project)
    shown = [
        {
            "title": f"{words.route(one.route)} · {one.endpoint}",
            "price": words.price(one.estimate_usd),
            "body": json.dumps(one.body, indent=2, ensure_ascii=False),
        }
        for one in requests
    ]
    told = [{"title": words.route(one.route), "sentence": one.sentence} for one in refusals]
    return render(request, "generations/sending.html", {"requests": shown, "refusals": told})


@require_POST
def pasted_request(request: SignedIn, slug: str) -> HttpResponse:
    """What a pasted body or cURL line would set in the draft that came with it, and what cannot be taken."""
    access.project_worked_on_by(request.user, slug)
    read = pasted.read(request.POST.get("body", ""))
    if isinstance(read, pasted.NotABody):
        return render(request, "generations/pasted.html", {"refusal": read.reason}, status=422)
    context = {"takeover": takeover.takeover(read, request.POST), "left": read.left_out}
    return render(request, "generations/pasted.html", context)


def _again(request: HttpRequest, prepared: composer.Composer) -> HttpResponse:
    """The form with its sentences: as a part for htmx, as a page without a script."""
    template = "composer.html" if request.headers.get("HX-Request") else "composer_page.html"
    return render(request, f"generations/{template}", {"composer": prepared, "room": "projects"}, status=422)
