"""Whose order goes next: fair turns between people, within what each account allows at once."""

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, F, Q, Sum, Window
from django.db.models.functions import RowNumber
from django.utils import timezone

from generations import tickets
from generations.models import Generation, GenerationQuerySet, State
from generations.prepared import GivenKeys, PreparedQuery, moment
from generations.tickets import Ticket
from media import epoch
from providers.registry import SLOTS_BY_PICTURE
from routes import accounts, circuit
from routes.models import Credential

LOOKED_AT = 300
FLYING = (State.SUBMITTING, State.SUBMITTED, State.UNKNOWN)


@dataclass(frozen=True, slots=True)
class _Waiting:
    pk: int
    fence: int
    credential_id: int
    user_id: int | None
    turn: int
    weight: int


def take(most: int, known: Collection[int]) -> list[Ticket]:
    """Claim up to `most` queued orders that may go now by one of the `known` keys."""
    now = timezone.now()
    if most <= 0 or not known or not _FIRST.rows({"now": now}) or epoch.held():
        return []
    keys = {row.pk: row for row in _OPEN.rows({"now": now, "keys": known})}
    waiting = _waiting(now, list(keys)) if keys else []
    if not waiting:
        return []
    flying, by_person = _flying(now, {pk for pk, key in keys.items() if key.failures})
    room = {pk: _room(key, flying[pk]) for pk, key in keys.items()}
    wanted: list[Ticket] = []
    for one in sorted(waiting, key=lambda one: one.turn + by_person[one.credential_id, one.user_id]):
        key = one.credential_id
        if len(wanted) < most and (one.weight <= room[key] or (room[key] > 0 and not flying[key])):
            wanted.append(Ticket(one.pk, one.fence + 1, key))
            room[key] -= one.weight
            flying[key] += one.weight
    return tickets.take_all(wanted) if wanted else []


def adopt() -> None:
    """Give orders whose key was removed to the key that holds now, if there is one."""
    lost = Generation.objects.filter(
        Q(credential=None) | Q(credential__removed_at__isnull=False), state=State.QUEUED
    ).exclude(route="draft")
    for generation in lost.select_related("project")[:100]:
        key = accounts.usable(generation.project).get(generation.route)
        waiting = "" if key else "There is no key for this route any more. Add one, or cancel."
        if (key and key.pk) != generation.credential_id or generation.waiting != waiting:
            rows = Generation.objects.filter(pk=generation.pk, state=State.QUEUED)
            rows.update(credential=key, waiting=waiting)


def _room(key: Credential, flying: int) -> int:
    """How much more may go: one alone after failures, to see whether the account works again."""
    return max(0, (1 if key.failures else key.allowance) - flying)


def _waiting(now: datetime, keys: list[int]) -> list[_Waiting]:
    """The first orders of everybody, with each person's own sequence counted from 1."""
    return [
        _Waiting(pk, fence, key, user, place, count if route in SLOTS_BY_PICTURE else 1)
        for pk, fence, key, user, place, count, route in _IN_TURN.rows({"now": now, "keys": keys})
    ]


def _ready() -> GenerationQuerySet:
    now = moment("now")
    return Generation.objects.filter(
        Q(lease_until=None) | Q(lease_until__lt=now), Q(due_at=None) | Q(due_at__lte=now), state=State.QUEUED
    ).exclude(route="draft")


_OPEN = PreparedQuery(
    lambda: Credential.objects.filter(circuit.is_open(moment("now")), pk__in=GivenKeys("keys"))
)
_FIRST = PreparedQuery(lambda: _ready().values_list("pk", flat=True)[:1])
_TURN = Window(RowNumber(), partition_by=[F("credential"), F("user")], order_by=[F("created_at"), F("id")])
_IN_TURN = PreparedQuery(
    lambda: (
        _ready()
        .filter(credential__in=GivenKeys("keys"))
        .annotate(turn=_TURN)
        .order_by("turn", "created_at", "id")
        .values_list("pk", "fence", "credential_id", "user_id", "turn", "count", "route")[:LOOKED_AT]
    )
)


def _flying(now: datetime, failing: Collection[int]) -> tuple[Counter[int], Counter[tuple[int, int | None]]]:
    """What is in flight or being prepared, by account in its own measure, and by account and person.

    What got lost at an account that fails is looked for, perhaps for hours: no other order waits for that.
    """
    by_account: Counter[int] = Counter()
    by_person: Counter[tuple[int, int | None]] = Counter()
    for key, user, route, orders, pictures in _UNDER_WAY.rows({"now": now, "failing": failing}):
        by_account[key] += pictures if route in SLOTS_BY_PICTURE else orders
        by_person[key, user] += orders
    return by_account, by_person


_UNDER_WAY = PreparedQuery(
    lambda: (
        Generation.objects.filter(
            Q(state__in=FLYING) | Q(state=State.QUEUED, lease_until__gte=moment("now")),
            credential__isnull=False,
        )
        .exclude(state=State.UNKNOWN, credential__in=GivenKeys("failing"))
        .order_by()
        .values_list("credential_id", "user_id", "route")
        .annotate(Count("pk"), Sum("count"))
    )
)
