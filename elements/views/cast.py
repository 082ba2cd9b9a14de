"""The cast of a project: its elements with pinned versions, and taking in, updating and leaving."""

import json
from dataclasses import dataclass
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from accounts.people import RefusedError
from accounts.signed_in import SignedIn
from elements import shelf
from elements.models import Element, Kind
from elements.shelf import Asked
from gallery.project_cards import budget_of
from generations import access
from projects import cast as casting
from projects.cast import elements_visible_to
from projects.models import Project

OFFERED = 60


@dataclass(frozen=True, slots=True)
class Role:
    """A member of the cast as its card; `newer` is the number of a newer version, None for none."""

    uuid: str
    href: str
    name: str
    handle: str
    kind: str
    front: str
    version: str
    newer: str
    is_archived: bool


@require_GET
def cast(request: SignedIn, slug: str) -> HttpResponse:
    project = access.project_seen_by(request.user, slug)
    return render(request, "elements/cast.html", _page(request, project))


@require_GET
def pick(request: SignedIn, slug: str) -> HttpResponse:
    """Elements that are not in the cast yet, by ?q=: a dialog over the page, alone, or only its list."""
    project = access.project_worked_on_by(request.user, slug)
    asked = Asked(text=request.GET.get("q", "")[:100].replace("\0", ""))
    usable = elements_visible_to(request.user).seen_from([project.pk]).exclude(roles__project=project)
    page = shelf.page(shelf.matching(usable, asked, None), None, OFFERED)
    cards = shelf.cards(page.elements, {project.pk: project.name})
    context = {"project": project, "cards": cards, "more": page.last is not None, "picking": True}
    if request.headers.get("HX-Request") != "true":
        return render(request, "elements/cast.html", _page(request, project) | context)
    part = "list" if "q" in request.GET else "pick"
    return render(request, f"elements/cast.html#{part}", context)


@require_POST
def add(request: SignedIn, slug: str) -> HttpResponse:
    project = access.project_worked_on_by(request.user, slug)
    element = _element(request, request.POST.get("element", ""))
    try:
        casting.cast(project, element)
    except RefusedError as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, f"{element.name} is in the cast.")
    return redirect("elements:cast", slug=slug)


@require_POST
def update(request: SignedIn, slug: str, uuid: UUID) -> HttpResponse:
    """Pin the current version; the composer hears of it and draws its chip anew."""
    project = access.project_worked_on_by(request.user, slug)
    element = get_object_or_404(Element.objects.select_related("current"), roles__project=project, uuid=uuid)
    done = casting.update_to_current(project, element) and element.current
    words = f"{project.name} casts {element.name} as version {done.number}." if done else ""
    if request.headers.get("HX-Request") == "true":
        trigger = {"framehouse:recast": {}, **({"toast": {"text": words, "kind": "ok"}} if words else {})}
        return HttpResponse(status=204, headers={"HX-Trigger": json.dumps(trigger)})
    if words:
        messages.success(request, words)
    if request.POST.get("back") == "element":
        return redirect("elements:element", uuid=uuid)
    return redirect("elements:cast", slug=slug)


@require_POST
def remove(request: SignedIn, slug: str, uuid: UUID) -> HttpResponse:
    project = access.project_worked_on_by(request.user, slug)
    element = get_object_or_404(Element, roles__project=project, uuid=uuid)
    if casting.uncast(project, element):
        messages.success(request, f"{element.name} left the cast. Its pictures stay.")
    return redirect("elements:cast", slug=slug)


def _page(request: SignedIn, project: Project) -> dict[str, object]:
    return {
        "room": "projects",
        "project": project,
        "budget": budget_of(project),
        "roles": _roles(project),
        "may_change": Project.objects.worked_on_by(request.user).filter(pk=project.pk).exists(),
    }


def _element(request: SignedIn, told: str) -> Element:
    visible = elements_visible_to(request.user).select_related("current")
    try:
        return get_object_or_404(visible, uuid=UUID(told))
    except ValueError:
        return get_object_or_404(visible, uuid=None)


def _roles(project: Project) -> list[Role]:
    members = casting.members(project)
    fronts = shelf.fronts([member.version.pk for member in members])
    return [
        Role(
            uuid=str(member.element.uuid),
            href=reverse("elements:element", args=[member.element.uuid]),
            name=member.element.name,
            handle=member.element.handle,
            kind=str(Kind(member.element.kind).label),
            front=fronts.get(member.version.pk, ""),
            version=f"v{member.version.number}",
            newer=f"v{member.newer}" if member.newer else "",
            is_archived=member.element.archived_at is not None,
        )
        for member in members
    ]
