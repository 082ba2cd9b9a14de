"""Where providers say that something happened. Nothing is asked back here: the dispatcher looks."""

import hmac
from uuid import UUID

from allauth.account.adapter import get_adapter
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from generations import door, hooks
from providers.base import BadHookError

LIMIT = 1024 * 1024


@csrf_exempt
@login_not_required
@require_POST
def receive(request: HttpRequest, uuid: UUID, token: str) -> HttpResponse:
    """Whoever knows an attempt's address is always let in; who guesses only so often."""
    if not hmac.compare_digest(token.encode(), hooks.token(uuid).encode()):
        return _turned_away(_caller(request))
    attempt = hooks.addressed(uuid, token)
    if attempt is None:
        raise Http404
    body = request.read(LIMIT + 1)
    if len(body) > LIMIT:
        door.note_vain(_caller(request))
        return _said("This webhook is too large.", 413)
    try:
        hooks.receive(attempt, request.headers, body)
    except BadHookError as error:
        door.note_vain(_caller(request))
        return _said(str(error), 400)
    return _said("Noted.", 200)


def _caller(request: HttpRequest) -> str:
    return str(get_adapter().get_client_ip(request))


def _turned_away(caller: str) -> HttpResponse:
    """Nothing is read of it, neither its body nor the database."""
    if door.is_shut(caller):
        answer = _said("Too many requests.", 429)
        answer.headers["Retry-After"] = str(round(door.SECONDS))
        return answer
    door.note_vain(caller)
    raise Http404


def _said(text: str, status: int) -> HttpResponse:
    return HttpResponse(text, content_type="text/plain; charset=utf-8", status=status)
