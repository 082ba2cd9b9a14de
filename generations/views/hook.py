"""Where providers say that something happened. Nothing is asked back here: the dispatcher looks."""

from uuid import UUID

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from generations import hooks
from providers.base import BadHookError

LIMIT = 1024 * 1024


@csrf_exempt
@login_not_required
@require_POST
def receive(request: HttpRequest, uuid: UUID, token: str) -> HttpResponse:
    attempt = hooks.addressed(uuid, token)
    if attempt is None:
        raise Http404
    body = request.read(LIMIT + 1)
    if len(body) > LIMIT:
        return _said("This webhook is too large.", 413)
    try:
        hooks.receive(attempt, request.headers, body)
    except BadHookError as error:
        return _said(str(error), 400)
    return _said("Noted.", 200)


def _said(text: str, status: int) -> HttpResponse:
    return HttpResponse(text, content_type="text/plain; charset=utf-8", status=status)
