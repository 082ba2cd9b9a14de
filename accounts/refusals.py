"""A refused form is answered with 422, also by the views of allauth, which would say 200.

A refusal behind a secret link is logged without the link.
"""

from collections.abc import Callable
from http import HTTPStatus

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.template.response import TemplateResponse
from django.utils.log import log_response


class RefusedForms:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        answer = self.get_response(request)
        match = request.resolver_match
        if match and "token" in match.kwargs and isinstance(answer, HttpResponse) and _is_refusal(answer):
            # Logged by name, before Django logs the address: that is the secret of a link that still works.
            log_response("Refused: %s", match.view_name, response=answer, request=request)
        return answer

    def process_template_response(self, request: HttpRequest, response: TemplateResponse) -> TemplateResponse:
        form = (response.context_data or {}).get("form")
        if request.method == "POST" and response.status_code == HTTPStatus.OK and form and form.errors:
            response.status_code = HTTPStatus.UNPROCESSABLE_ENTITY
        return response


def _is_refusal(answer: HttpResponse) -> bool:
    return HTTPStatus.BAD_REQUEST <= answer.status_code < HTTPStatus.INTERNAL_SERVER_ERROR
