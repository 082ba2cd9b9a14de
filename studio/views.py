"""The studio's own pages: probes and the owner's health page."""

import sys
from http import HTTPStatus

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.views.decorators.http import require_GET, require_safe
from django.views.defaults import server_error

from accounts.models import User
from media import epoch
from studio import full, gone
from studio import health as state


@require_safe
@login_not_required
def healthz(request: HttpRequest) -> HttpResponse:
    """Alive: this process answers."""
    return HttpResponse("ok\n", content_type="text/plain")


@require_safe
@login_not_required
def readyz(request: HttpRequest) -> HttpResponse:
    """Able to work: 200 when every check is well, otherwise 503; and whether the studio is held."""
    checks = state.checks()
    ready = all(check.ok for check in checks)
    said = {check.name: check.ok for check in checks}
    # A held studio shows its pages, so it is ready; without a database nobody can tell.
    if said["database"]:
        said["held"] = epoch.held()
    return JsonResponse(said, status=200 if ready else 503)


def fault(request: HttpRequest) -> HttpResponse:
    """The answer to what no view caught: 507 where the disk is full, 503 where the database is away,
    otherwise 500.

    Reading an upload fails before any view or middleware could catch it, so it is told apart here.
    """
    caught = sys.exc_info()[1]
    if full.is_full(caught):
        return HttpResponse(render_to_string("507.html"), status=HTTPStatus.INSUFFICIENT_STORAGE)
    if gone.is_gone(caught):
        return HttpResponse(render_to_string("503.html"), status=HTTPStatus.SERVICE_UNAVAILABLE)
    return server_error(request)


@require_GET
def health(request: HttpRequest) -> HttpResponse:
    if not isinstance(request.user, User) or not request.user.runs_studio:
        raise Http404
    checks = state.for_owner()
    well = all(check.ok for check in checks)
    return render(request, "studio/health.html", {"checks": checks, "well": well, "room": "health"})
