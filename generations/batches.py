"""The orders of one intent taken together: more pictures than an endpoint makes are still one batch."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby

from django.db.models import QuerySet

from generations import words
from generations.models import TERMINAL, Generation, Output, State


@dataclass(frozen=True, slots=True)
class Batch:
    """One or more orders, in their order."""

    orders: tuple[Generation, ...]

    @property
    def first(self) -> Generation:
        return self.orders[0]

    @property
    def count(self) -> int:
        return sum(order.count for order in self.orders)

    @property
    def outputs(self) -> list[Output]:
        return [output for order in self.orders for output in order.outputs.all()]

    @property
    def state(self) -> str:
        """Where the batch stands: what all orders agree on, or else that it is under way or made in part."""
        states = {order.state for order in self.orders}
        if len(states) == 1:
            return self.first.state
        for pressing in (State.NEEDS_DECISION, State.UNKNOWN):
            if pressing in states:
                return pressing
        if states <= set(TERMINAL):
            return State.PARTIAL
        if states & {State.COLLECTING, *TERMINAL}:
            return State.COLLECTING
        return State.SUBMITTED if State.SUBMITTED in states else State.SUBMITTING

    @property
    def undecided(self) -> Generation | None:
        """The first order that waits for a person's decision."""
        return next((order for order in self.orders if order.state == State.NEEDS_DECISION), None)

    @property
    def is_asked_to_stop(self) -> bool:
        return any(order.cancel_requested_at for order in self.orders if not order.is_finished)

    @property
    def is_finished(self) -> bool:
        return all(order.is_finished for order in self.orders)

    @property
    def why(self) -> str:
        """What there is to say of the first order that has something to be said of it."""
        said = (words.why(order, waits_for_disk=getattr(order, "waits", False)) for order in self.orders)
        return next(filter(None, said), "")

    @property
    def estimate_micro_usd(self) -> int:
        return sum(order.estimate_micro_usd for order in self.orders)

    @property
    def cost_micro_usd(self) -> int | None:
        """What was charged for all; None while one of them is open."""
        costs = [order.cost_micro_usd for order in self.orders]
        known = [cost for cost in costs if cost is not None]
        return sum(known) if len(known) == len(costs) else None


def of(first_orders: Iterable[Generation], complete: QuerySet[Generation]) -> list[Batch]:
    """The batch of each first order, in the same sequence; `complete` says what is read with an order."""
    firsts = list(first_orders)
    orders = complete.filter(batch__in=[first.batch for first in firsts]).order_by("batch", "part")
    found = {batch: tuple(rows) for batch, rows in groupby(orders, key=lambda order: order.batch)}
    return [Batch(found[first.batch]) for first in firsts if first.batch in found]
