"""What would be sent, route by route, before anything is: bodies, prices, and why a route cannot carry it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from django.utils.datastructures import MultiValueDict

from accounts.models import User
from generations import plan
from generations.forms import ComposerForm
from generations.plan import Intent
from projects.models import Project
from providers import catalogue, wire
from providers.base import Body, Order
from providers.known import placeholders

ATTEMPT = "00000000-0000-4000-8000-000000000000"  # stands for the number that each sending gets


@dataclass(frozen=True, slots=True)
class Request:
    """One order as its route gets it. The draft route sends nothing: its `path` is empty."""

    route: str
    endpoint: str
    path: str
    body: Body
    estimate_usd: Decimal


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a route cannot carry the order, in a sentence."""

    route: str
    sentence: str


def everywhere(
    data: MultiValueDict[str, str], user: User | None, project: Project, attempt: str = ATTEMPT
) -> tuple[list[Request], list[Refusal]]:
    """The same form for every route of the catalogue, with readable stand-ins for what would be uploaded.

    `attempt` stands where a provider takes a number of ours; providers refuse one they have seen.
    """
    requests: list[Request] = []
    refusals: list[Refusal] = []
    for route in catalogue.routes():
        form = _form_for(route.key, data, user, project)
        if form.is_valid():
            requests += of(form.intent(), attempt)
        else:
            refusals.append(Refusal(route.key, _first_sentence(form)))
    return requests, refusals


def of(intent: Intent, attempt: str = ATTEMPT) -> list[Request]:
    """The orders of an intent: one, or as many as its endpoint needs for so many pictures."""
    return [_request(replace(intent, count=count), attempt) for count in plan.parts(intent)]


def _request(intent: Intent, attempt: str) -> Request:
    row, asked = intent.endpoint, plan.order(intent)
    body = wire.translate(asked, row, placeholders(asked), attempt) if row.path else _drawn(asked)
    return Request(row.route, row.key, row.path, body, plan.quote(intent).usd)


def _drawn(order: Order) -> Body:
    """What the draft engine is asked to draw."""
    return {
        "prompt": order.prompt,
        "negative_prompt": order.negative_prompt,
        "width": order.width,
        "height": order.height,
        "format": order.media_format,
        "count": order.count,
        "series": order.series,
        "references": [{"name": one.name, "role": one.role} for one in order.references],
        "elements": [{"name": one.name, "version": one.version} for one in order.elements],
    }


def _form_for(
    route: str, data: MultiValueDict[str, str], user: User | None, project: Project
) -> ComposerForm:
    """The form as sent, with another route."""
    changed = data.copy()
    changed.setlist("route", [route])
    return ComposerForm(changed, user=user, project=project, only_looking=True)


def _first_sentence(form: ComposerForm) -> str:
    sentences: Sequence[str] = [str(error) for errors in form.errors.values() for error in errors]
    return sentences[0]
