"""Two to nine stills beside each other, and only what differs between them."""

from string import ascii_uppercase

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET

from accounts.signed_in import SignedIn
from gallery import differences, filters, selection, tiles
from gallery.project_cards import budget_of
from projects.models import Project

LEAST, MOST = 2, 9
MODES = ("side", "wipe", "blink", "difference")


@require_GET
def compare(request: SignedIn, slug: str) -> HttpResponse:
    """?id=… in the order given; a still that is not the project's refuses all of them."""
    project = get_object_or_404(Project.objects.visible_to(request.user), slug=slug)
    ids = selection.named(request.GET.getlist("id"))
    context: dict[str, object] = {"project": project, "room": "projects", "budget": budget_of(project)}
    if not LEAST <= len(ids) <= MOST:
        why = f"Compare {LEAST} to {MOST} stills; {len(ids)} {'was' if len(ids) == 1 else 'were'} chosen."
        return render(request, "gallery/compare.html", context | {"why": why}, status=422)
    chosen = selection.all_or_none(filters.stills(project).stored(), ids)
    found = {output.uuid: output for output in chosen.select_related("generation")}
    outputs = [found[uuid] for uuid in ids]
    rows = differences.differing([differences.recipe(one.generation, one.seed) for one in outputs])
    mode = request.GET.get("mode", "")
    context |= {
        "cells": list(zip(ascii_uppercase, tiles.make(outputs), strict=False)),
        "rows": rows,
        "verdict": differences.verdict(rows),
        "is_calm": len(rows) <= 1,
        "mode": mode if mode in MODES else "side",
        "may_curate": Project.objects.worked_on_by(request.user).filter(pk=project.pk).exists(),
    }
    return render(request, "gallery/compare.html", context)
