"""Which route an order takes: the chosen one, the cheapest, or the next after a definite refusal."""

import logging
from decimal import Decimal
from uuid import uuid4

from django.utils.datastructures import MultiValueDict

from generations import pipeline, plan, repeat, words
from generations.forms import ComposerForm
from generations.models import Generation
from providers.base import Blame, Refused
from routes import accounts, policy
from routes.models import PolicyKind
from spend import budgets

log = logging.getLogger(__name__)
ACTOR = "dispatcher"


def settled(form: ComposerForm) -> ComposerForm:
    """The form on the route that its project's policy wants; `is_valid` was asked of the answer.

    Only an order that is to be paid for looks for a cheaper route, and the chosen one wins a tie.
    """
    is_valid, chosen = form.is_valid(), form.typed("route")
    keys = accounts.usable(form.project)
    if chosen not in keys or policy.of(form.project) != PolicyKind.CHEAPEST:
        return form
    wants_copy = is_valid and form.cleaned_data["watermark"]
    others = [_on(form, route) for route in keys if route != chosen]
    fitting = [form] * is_valid + [other for other in others if _carries(other, wants_copy=wants_copy)]
    return min(fitting, key=_price, default=form)


def go_on(generation: Generation, refused: Refused) -> Generation | None:
    """After a definite refusal: the same order on the next route that carries it, where the project wants
    that. None: it stays where it is. An order refused for its content is not carried elsewhere."""
    project, user = generation.project, generation.user
    if user is None or refused.blame in (Blame.POLICY, Blame.RATE, Blame.PROVIDER):
        return None
    if policy.of(project) != PolicyKind.NEXT:
        return None
    tried = _routes_tried(generation)
    for route in accounts.usable(project):
        if route in tried:
            continue
        data = repeat.as_form(generation)
        data["route"], data["form_key"] = route, str(uuid4())
        form = ComposerForm(data, user=user, project=project)
        wants_copy = bool(generation.request.get("watermark"))
        if _carries(form, wants_copy=wants_copy) and (begun := _begun(form)):
            said = f"Refused there; the same order goes on by {words.route(route)}."
            pipeline.tell(generation, None, generation.state, generation.state, ACTOR, said)
            return begun
    return None


def _carries(form: ComposerForm, *, wants_copy: bool) -> bool:
    """Whether its route takes all of the order, the wish for a copy with a watermark included."""
    return form.is_valid() and bool(form.cleaned_data["watermark"]) >= wants_copy


def _begun(form: ComposerForm) -> Generation | None:
    try:
        return plan.start(form.intent())
    except budgets.Blocked as blocked:
        log.info("An order did not go on by another route: %s", blocked)
        return None


def _routes_tried(generation: Generation) -> set[str]:
    """The routes of the order and of those that it goes on for."""
    tried: set[str] = set()
    one: Generation | None = generation
    while one is not None and len(tried) < 10:
        tried.add(one.route)
        one = one.parent if one.parent_id and one.parent and _is_same(one, one.parent) else None
    return tried


def _is_same(one: Generation, other: Generation) -> bool:
    return one.request.get("prompt") == other.request.get("prompt") and other.error != ""


def _on(form: ComposerForm, route: str) -> ComposerForm:
    data: MultiValueDict[str, str] = form.sent.copy()
    data.setlist("route", [route])
    return ComposerForm(data, user=form.user, project=form.project)


def _price(form: ComposerForm) -> Decimal:
    return plan.quote(form.intent()).usd
