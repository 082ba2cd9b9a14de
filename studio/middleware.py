"""Rules for every answer: sign-in by default, nothing private in a shared cache, never a blank page, and no
connection to the database held by who reads slowly."""

from collections.abc import Callable
from http import HTTPStatus

from django.conf import settings
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.contrib.auth.views import redirect_to_login
from django.db import connections
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import resolve_url
from django.template.loader import render_to_string
from django.utils.cache import patch_vary_headers
from django_htmx.http import HttpResponseClientRedirect
from django_htmx.middleware import HtmxDetails

Answer = Callable[[HttpRequest], HttpResponseBase]


class LoginRequired(LoginRequiredMiddleware):
    """Sends the signed-out to the sign-in page as a whole, and then back to the page they were on.

    Never back to a fragment, nor to an address that only takes what a form sends.
    """

    def handle_no_permission(
        self, request: HttpRequest, view_func: Callable[..., HttpResponseBase]
    ) -> HttpResponseRedirect:
        field_name = self.get_redirect_field_name(view_func)
        answer = redirect_to_login(_page_of(request), self.get_login_url(view_func), field_name)
        if request.headers.get("HX-Request"):
            return HttpResponseClientRedirect(answer.url)  # type: ignore[return-value]  # the same to Django
        return answer


def connections_given_back(get_response: Answer) -> Answer:
    """Give the connection back before bytes are sent, which may take minutes: PostgreSQL has few of them."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        answer = get_response(request)
        if answer.streaming:
            _give_back_connections()
        return answer

    return middleware


def _give_back_connections() -> None:
    for connection in connections.all(initialized_only=True):
        # A request is in no transaction any more, but a test may be in one of its own.
        if not connection.in_atomic_block:
            connection.close_if_unusable_or_obsolete()


def private_answers(get_response: Answer) -> Answer:
    """Mark pages as private and fragments as depending on htmx's headers; say what a 405 means."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        answer = get_response(request)
        if answer.status_code == HTTPStatus.METHOD_NOT_ALLOWED and isinstance(answer, HttpResponse):
            answer.content = render_to_string("405.html", {"method": str(request.method)[:20]}, request)
        if "Cache-Control" not in answer:
            answer["Cache-Control"] = "private, no-store"
        patch_vary_headers(answer, ["Cookie", "HX-Request", "HX-Request-Type"])
        return answer

    return middleware


def _page_of(request: HttpRequest) -> str:
    """The path of the page that a person was on, as far as it can be opened again."""
    if request.headers.get("HX-Request"):
        page = HtmxDetails(request).current_url_abs_path
    else:
        page = request.get_full_path() if request.method in ("GET", "HEAD") else None
    return page or resolve_url(settings.LOGIN_REDIRECT_URL)
