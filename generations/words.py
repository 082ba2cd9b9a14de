"""Words of the screens about generations: models, routes, counts and prices."""

from datetime import datetime, timedelta
from decimal import Decimal

from django.utils import timezone
from django.utils.timesince import timesince

from generations.models import State
from providers import catalogue
from spend import ledger

FREE = "free"


def price(usd: Decimal) -> str:
    """'free', '$0.112', '$0.50': as many decimals as the figure needs, two at least."""
    if not usd:
        return FREE
    digits = f"{usd:.6f}".rstrip("0")
    return f"${digits}" if len(digits.rpartition(".")[2]) >= 2 else f"${usd:.2f}"


def cost(estimate_micro_usd: int, cost_micro_usd: int | None) -> str:
    """What was charged, or what it is expected to cost as long as that is open."""
    expected = price(Decimal(estimate_micro_usd) / ledger.MICRO)
    if cost_micro_usd is None:
        return expected if expected == FREE else f"about {expected}"
    if cost_micro_usd or expected != FREE:
        return price(Decimal(cost_micro_usd) / ledger.MICRO).replace(FREE, "not charged")
    return FREE


def model(key: str) -> str:
    return next((row.label for row in catalogue.models() if row.key == key), key)


def route(key: str) -> str:
    return next((row.label for row in catalogue.routes() if row.key == key), key)


def pictures(count: int, *, series: bool) -> str:
    """'1 still', '4 stills' or 'Series, 4 panels'."""
    if series:
        return f"Series, {count} panels"
    return f"{count} still" if count == 1 else f"{count} stills"


def age(moment: datetime) -> str:
    """'just now', '4 minutes ago', '2 days ago'."""
    if timezone.now() - moment < timedelta(minutes=1):
        return "just now"
    return f"{timesince(moment, depth=1)} ago"


def state(state: str, made: int, count: int) -> str:
    """The state as people say it; `made` of `count` pictures are there."""
    if state == State.COLLECTING:
        return f"Drawing, {made} of {count} ready"
    if state == State.PARTIAL:
        return f"{made} of {count} made"
    return str(State(state).label)
