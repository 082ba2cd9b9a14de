"""Words of the screens about generations: models, routes, counts and prices."""

from datetime import datetime, timedelta
from decimal import Decimal

from django.urls import reverse
from django.utils import timezone
from django.utils.timesince import timesince

from generations import pipeline
from generations.models import Generation, Output, State
from providers import catalogue
from spend import ledger

FREE = "free"
FLAGGED = "Flagged by the provider's safety check"
UNSEEN = f"{FLAGGED}: it shows to nobody before somebody who makes pictures here presses Show."
VEILED = "veiled"  # in an address, in place of the picture's size


def price(usd: Decimal) -> str:
    """'free', '$0.112', '$0.50': as many decimals as the figure needs, two at least."""
    if not usd:
        return FREE
    digits = f"{usd:.6f}".rstrip("0")
    return f"${digits}" if len(digits.rpartition(".")[2]) >= 2 else f"${usd:.2f}"


def money(micro_usd: int) -> str:
    """'$0.112', and 'free' for nothing."""
    return price(Decimal(micro_usd) / ledger.MICRO)


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


def picture_address(output: Output, size: str) -> str:
    """Where a stored picture is; where its veil is as long as it is flagged."""
    return reverse("generations:picture", args=[output.uuid, VEILED if output.is_flagged else size])


def age(moment: datetime) -> str:
    """'just now', '4 minutes ago', '2 days ago'."""
    if timezone.now() - moment < timedelta(minutes=1):
        return "just now"
    return f"{timesince(moment, depth=1)} ago"


def state(state: str, made: int, count: int, made_by: str) -> str:
    """The state as people say it; `made` of `count` pictures are there, `made_by` is the key of the route."""
    if state == State.COLLECTING:
        doing = "Drawing" if made_by == "draft" else "Fetching"
        return f"{doing}, {made} of {count} ready"
    if state == State.PARTIAL:
        return f"{made} of {count} made"
    said = {
        State.SUBMITTING: "Sending",
        State.SUBMITTED: f"At {route(made_by)}",
        State.UNKNOWN: "Checking",
        State.SUCCEEDED: "Done",
    }
    if state not in State.values:
        return state  # a newer version is at it
    return said.get(State(state)) or str(State(state).label)


def why(order: Generation, *, waits_for_disk: bool) -> str:
    """Why it stands where it stands, and whether money was spent; empty where its state says it all.

    `order` comes with its credential.
    """
    if order.is_finished:
        return order.error
    if waits_for_disk:
        return pipeline.WAITING
    amount = money(order.estimate_micro_usd)
    asked = (
        ["Asked to stop; if it already runs, it is charged and kept."] if order.cancel_requested_at else []
    )
    if order.state == State.NEEDS_DECISION:
        asked = [f"Nobody can tell how it went at {route(order.route)}: {amount} may have been spent."]
    elif order.state == State.UNKNOWN:
        asked += [
            f"Checking whether it was accepted. It is not sent twice. Whether {amount} was spent shows then."
        ]
    elif order.waiting or order.state == State.QUEUED:
        asked += [order.waiting or _held_up(order)]
    return " ".join(filter(None, asked))


def _held_up(order: Generation) -> str:
    """What keeps the key of a queued order from sending just now."""
    key = order.credential
    if key is None:
        return ""
    if key.paused_at is not None:
        return f"{route(order.route)} is paused: the key {key.name} sends nothing. Nothing was spent."
    closed = key.closed_until is not None and key.closed_until > timezone.now()
    return key.closed_why if closed else ""
