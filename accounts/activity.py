"""When a person and a session were last seen, written once in ten minutes and not on every request."""

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
        if request.user.is_authenticated and request.session.get("seen", 0) < time.time() - EVERY_SECONDS:
            _note(request, request.user)
        return get_response(request)

    return middleware


def _note(request: HttpRequest, user: User) -> None:
    now = timezone.now()
    request.session["seen"] = int(now.timestamp())
    User.objects.filter(pk=user.pk).update(last_seen_at=now)
    UserSession.objects.filter(session_key=request.session.session_key).update(last_seen_at=now)
