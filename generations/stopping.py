"""Stopping, told as it is: what may still be stopped, what it may not prevent, and what came of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from generations import pipeline, words
from generations.models import Generation, State
from providers.registry import CAN_CANCEL

ENDED = "It had already ended; nothing was changed."
CANCELLED = "Cancelled; nothing was charged."
ASKED = "Asked to stop. If it already runs, it is finished, charged and kept."


class Way(StrEnum):
    """How an order can be stopped: at once and free, by asking, or not at all."""

    NOW = "now"
    ASK = "ask"
    NONE = ""


@dataclass(frozen=True, slots=True)
class Stop:
    """The button that a person is offered; `warning` says what pressing it may not prevent, if anything."""

    label: str
    warning: str


@dataclass(frozen=True, slots=True)
class Told:
    """What came of it: `kind` is ok or info."""

    kind: str
    sentence: str


def way(order: Generation) -> Way:
    if order.state == State.QUEUED or (order.is_drawn and not order.is_finished):
        return Way.NOW
    open_question = order.state in (State.SUBMITTING, State.UNKNOWN)
    can_stop = order.state == State.SUBMITTED and order.route in CAN_CANCEL
    return Way.ASK if order.cancel_requested_at is None and (open_question or can_stop) else Way.NONE


def offered(orders: Sequence[Generation]) -> Stop | None:
    """What may be done about these orders of one batch; None where nothing would come of it."""
    ways = {way(order) for order in orders if not order.is_finished}
    if Way.ASK in ways:
        return Stop("Ask to stop…", _warning([order for order in orders if way(order) == Way.ASK]))
    if Way.NOW not in ways:
        return None
    if orders[0].is_drawn:
        return Stop("Cancel", "")
    return Stop("Cancel, $0" if len(ways) == 1 else "Cancel what is queued, $0", "")


def beforehand(order: Generation) -> str:
    """What everybody may know before it is too late; empty for what is drawn here or has ended."""
    if order.is_drawn or order.is_finished:
        return ""
    at = words.route(order.route)
    if order.route in CAN_CANCEL:
        return f"Free while it is queued. After that {at} can be asked, and may charge all the same."
    return f"Free while it is queued. {at} cannot stop an order that it has."


def stop(orders: Sequence[Generation], actor: str) -> Told:
    """Stop what can be stopped, ask where it can only be asked, and say which it was."""
    named = Generation.objects.filter(pk__in=[order.pk for order in orders])
    changed = [order.pk for order in orders if way(order) and pipeline.cancel(order, actor)]
    if not changed:
        return Told("info", _why_not(named.order_by("part").open().first()))
    asked = named.open().filter(pk__in=changed).count()
    if not asked:
        return Told("ok", CANCELLED)
    if asked == len(changed):
        return Told("ok", ASKED)
    return Told("ok", f"What was queued is cancelled, $0. The rest: {ASKED[0].lower()}{ASKED[1:]}")


def _warning(asked: Sequence[Generation]) -> str:
    at, amount = words.route(asked[0].route), words.money(sum(one.estimate_micro_usd for one in asked))
    if asked[0].route in CAN_CANCEL:
        return f"{at} may be making it already. Then it is finished, {amount} is charged, and it is kept."
    return (
        f"{at} cannot stop an order that it has: then it is finished, {amount} is charged, and it is kept. "
        "Only if it was not accepted, this ends it at $0."
    )


def _why_not(order: Generation | None) -> str:
    if order is None:
        return ENDED
    if order.state == State.NEEDS_DECISION:
        return "It waits for a decision: open it and decide there. Nothing was changed."
    if order.cancel_requested_at is not None:
        return "It was asked to stop before. Nothing was changed."
    if order.state == State.COLLECTING:
        return "It is already made and charged, and its pictures are kept. Nothing was changed."
    return f"{words.route(order.route)} cannot stop an order that it has. It goes on, is charged and kept."
