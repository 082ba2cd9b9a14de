"""Live streams of events, of one project or of all that a person sees."""

import re

from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.views.decorators.http import require_GET

from accounts.signed_in import SignedIn
from generations import access, live
from projects.models import Project


@require_GET
def of_project(request: SignedIn, slug: str) -> HttpResponseBase:
    return _stream(request, access.project_seen_by(request.user, slug))


@require_GET
def of_all(request: SignedIn) -> HttpResponseBase:
    return _stream(request, None)


def _stream(request: SignedIn, project: Project | None) -> HttpResponseBase:
    stream = live.open_stream(request.user, project, _last_event(request))
    if stream is None:
        return HttpResponse(status=204)
    answer = StreamingHttpResponse(stream, content_type="text/event-stream")
    answer["Cache-Control"] = "private, no-store, no-transform"
    answer["X-Accel-Buffering"] = "no"
    return answer


def _last_event(request: HttpRequest) -> int | None:
    """The event after which the reader wants to go on; None for the present."""
    named = request.headers.get("Last-Event-ID") or request.GET.get("after", "")
    return int(named) if re.fullmatch("[0-9]{1,18}", named) else None
