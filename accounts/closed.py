"""Pages of allauth that make no sense here and answer 404: sign-up and changing the e-mail address.

Its own templates reverse their names, so the addresses stay known and these stand in front of them.
"""

from typing import Never

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest
from django.urls import path


@login_not_required
def closed(request: HttpRequest, key: str = "") -> Never:
    raise Http404


urlpatterns = [
    path("signup/", closed),
    path("email/", closed),
    path("confirm-email/", closed),
    path("confirm-email/<str:key>/", closed),
    path("login/code/confirm/", closed),
    path("password/set/", closed),
]
