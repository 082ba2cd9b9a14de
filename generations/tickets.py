"""The right to prepare and send a queued generation: taken by one dispatcher at a time, under a lease."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from generations import horizons
from generations.models import Generation, GenerationQuerySet, State
from generations.prepared import GivenKeys, PreparedQuery, PreparedUpdate, moment, number


@dataclass(frozen=True, slots=True)
class Ticket:
    """The right to send a queued generation until its lease ends; a higher fence takes it away."""

    generation_id: int
    fence: int
    credential_id: int


def take(generation_id: int, fence: int, credential_id: int) -> Ticket | None:
    """Take a queued generation to send it. None: somebody else has it."""
    return next(iter(take_all([Ticket(generation_id, fence + 1, credential_id)])), None)


def take_all(wanted: Sequence[Ticket]) -> list[Ticket]:
    """Take queued generations to send them, each by the ticket that it would have; those that nobody else
    has."""
    tickets = {one.generation_id: one for one in wanted}
    mine: dict[int, list[Ticket]] = defaultdict(list)
    with transaction.atomic():
        for pk, fence in _QUEUED.rows({"generations": tickets}):
            if tickets[pk].fence == fence + 1:
                mine[tickets[pk].credential_id].append(tickets[pk])
        lease = timezone.now() + horizons.PREPARING
        for credential_id, taken in mine.items():
            keys = [one.generation_id for one in taken]
            _TAKEN.change({"generations": keys, "lease_until": lease, "credential": credential_id})
    return [one for taken in mine.values() for one in taken]


_QUEUED = PreparedQuery(
    lambda: (
        Generation.objects.filter(pk__in=GivenKeys("generations"), state=State.QUEUED)
        .values_list("pk", "fence")
        .order_by("pk")
        .select_for_update()
    )
)
_TAKEN = PreparedUpdate(
    lambda: Generation.objects.filter(pk__in=GivenKeys("generations")),
    lambda: {
        "fence": F("fence") + 1,
        "lease_until": moment("lease_until"),
        "credential": number("credential"),
    },
)


def renew(tickets: list[Ticket]) -> None:
    """Keep what is being prepared."""
    for ticket in tickets:
        queued(ticket).update(lease_until=timezone.now() + horizons.PREPARING)


def is_held(ticket: Ticket, generation: Generation | None) -> bool:
    """Whether it still waits to be sent, and by this ticket."""
    return generation is not None and (generation.fence, generation.state) == (ticket.fence, State.QUEUED)


def queued(ticket: Ticket) -> GenerationQuerySet:
    """The row, unless it was sent, ended or taken by somebody else."""
    return Generation.objects.filter(pk=ticket.generation_id, state=State.QUEUED, fence=ticket.fence)
