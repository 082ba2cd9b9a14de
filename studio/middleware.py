"""Rules that hold for every answer: sign-in by default, and nothing private in a shared cache."""

from collections.abc import Callable

from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.http import HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.utils.cache import patch_vary_headers
from django_htmx.http import HttpResponseClientRedirect

Answer = Callable[[HttpRequest], HttpResponseBase]


class LoginRequired(LoginRequiredMiddleware):
    """Sends htmx requests of a signed-out person to the sign-in page as a whole, never into a fragment."""

    def handle_no_permission(
        self, request: HttpRequest, view_func: Callable[..., HttpResponseBase]
    ) -> HttpResponseRedirect:
        answer = super().handle_no_permission(request, view_func)
        if request.headers.get("HX-Request"):
            return HttpResponseClientRedirect(answer.url)  # type: ignore[return-value]  # the same to Django
        return answer


def private_answers(get_response: Answer) -> Answer:
    """Mark pages as private and fragments as depending on htmx's headers."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        answer = get_response(request)
        if "Cache-Control" not in answer:
            answer["Cache-Control"] = "private, no-store"
        patch_vary_headers(answer, ["Cookie", "HX-Request", "HX-Request-Type"])
        return answer

    return middleware
