"""When a person and a session were last seen: written once in ten minutes, and only with pages.

Noting it renews the session's cookie, which has no place beside pictures and archives.
"""

import time
from collections.abc import Callable

from allauth.usersessions.models import UserSession
from django.http import HttpRequest, HttpResponseBase
from django.utils import timezone

from accounts.models import User

EVERY_SECONDS = 600
Answer = Callable[[HttpRequest], HttpResponseBase]


def note_activity(get_response: Answer) -> Answer:
    """Middleware in place of allauth's, which would write to the database for every single picture."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        answer = get_response(request)
        is_page = answer.headers.get("Content-Type", "").startswith("text/html")
        if is_page and request.user.is_authenticated and _is_due(request):
            _note(request, request.user)
        return answer

    return middleware


def _is_due(request: HttpRequest) -> bool:
    return bool(request.session.get("seen", 0) < time.time() - EVERY_SECONDS)


def _note(request: HttpRequest, user: User) -> None:
    now = timezone.now()
    request.session["seen"] = int(now.timestamp())
    User.objects.filter(pk=user.pk).update(last_seen_at=now)
    UserSession.objects.filter(session_key=request.session.session_key).update(last_seen_at=now)
