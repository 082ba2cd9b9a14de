"""The queue of a project or of all, and one generation with its history."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET

from accounts.signed_in import SignedIn
from gallery.project_cards import budget_of
from generations import access, queue
from generations.as_code import code_of
from generations.cursor import Cursor
from generations.models import Generation
from projects.models import Project


@require_GET
def of_project(request: SignedIn, slug: str) -> HttpResponse:
    return _page(request, access.project_seen_by(request.user, slug))


@require_GET
def of_all(request: SignedIn) -> HttpResponse:
    return _page(request, None)


@require_GET
def running(request: SignedIn) -> HttpResponse:
    """The number beside the queue in the rail; empty for none."""
    number = queue.running(request.user)
    return HttpResponse(str(number) if number else "", content_type="text/plain")


@require_GET
def detail(request: SignedIn, uuid: UUID) -> HttpResponse:
    seen = Generation.objects.visible_to(request.user).select_related("project", "user", "parent")
    generation = get_object_or_404(seen, uuid=uuid)
    shown = queue.detail(generation, request.user)
    template = f"generations/detail.html{'#body' if _is_part(request) else ''}"
    project = generation.project
    context = {"project": project, "detail": shown, "room": "projects", "budget": budget_of(project)}
    return render(request, template, context)


@require_GET
def as_code(request: SignedIn, uuid: UUID) -> HttpResponse:
    """What each route would get for this generation, to copy."""
    seen = Generation.objects.visible_to(request.user).select_related("project")
    generation = get_object_or_404(seen, uuid=uuid)
    context = {
        "project": generation.project,
        "generation_uuid": generation.uuid,
        "code": code_of(generation, request.user),
        "room": "projects",
        "budget": budget_of(generation.project),
    }
    return render(request, "generations/code.html", context)


def _page(request: SignedIn, project: Project | None) -> HttpResponse:
    chosen = queue.filters(request.GET.dict())
    start = Cursor.read(request.GET.get("before", ""))
    template = f"generations/queue.html{'#list' if _is_part(request) else ''}"
    context = {
        "project": project,
        "page": queue.page(request.user, project, chosen, start),
        "is_newest": start is None,
        "filters": chosen,
        "choices": queue.SHOWN.items(),
        "undecided": queue.undecided(request.user, project),
        "room": "projects" if project else "queue",
        "budget": budget_of(project) if project else None,
    }
    return render(request, template, context)


def _is_part(request: HttpRequest) -> bool:
    """Whether htmx asks for the list alone, and not for the page on a step back."""
    return (
        request.headers.get("HX-Request-Type") == "partial"
        and "HX-History-Restore-Request" not in request.headers
    )
