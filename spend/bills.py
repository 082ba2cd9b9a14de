"""Providers' bills: keeping their lines, and comparing them with the ledger order by order."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from uuid import UUID

from django.db.models import Q, Sum

from spend.models import BillLine, EntryKind, LedgerEntry


@dataclass(frozen=True, slots=True)
class Line:
    """What a provider says that it charged for one of its jobs."""

    credential_id: int
    route: str
    remote_id: str
    micro_usd: int
    at: datetime


@dataclass(frozen=True, slots=True)
class Compared:
    """An order in our figures and in theirs, in micro-USD, on the UTC day of the order or, unknown to us, of
    the line. `generation` is None for a job that belongs to no order of ours; then `line` is its row's."""

    day: date
    generation: UUID | None
    remote_ids: tuple[str, ...]
    ours: int
    theirs: int
    line: int | None = None

    @property
    def difference(self) -> int:
        """Positive when they charge more than we know of."""
        return self.theirs - self.ours


def record(lines: Iterable[Line], orders: Mapping[str, UUID]) -> None:
    """Keep the lines; one that was read before takes its newest figure. `orders` maps remote ids to ours."""
    rows = [
        BillLine(
            credential_id=line.credential_id,
            route=line.route,
            remote_id=line.remote_id,
            generation=orders.get(line.remote_id),
            micro_usd=line.micro_usd,
            at=line.at,
        )
        for line in lines
    ]
    known = [row for row in rows if row.generation is not None]
    unknown = [row for row in rows if row.generation is None]
    for some, changing in ((known, ["micro_usd", "at", "generation"]), (unknown, ["micro_usd", "at"])):
        BillLine.objects.bulk_create(
            some, update_conflicts=True, unique_fields=["route", "remote_id"], update_fields=changing
        )


def assign(line: int, generation: UUID) -> bool:
    """Say which order a foreign line is for. False: it is an order's already."""
    return bool(BillLine.objects.filter(pk=line, generation=None).update(generation=generation))


def let_go(generation: UUID) -> None:
    """Its lines belong to no order any more."""
    BillLine.objects.filter(generation=generation).update(generation=None)


def compare(route: str, since: datetime | None, until: datetime | None) -> list[Compared]:
    """Orders and foreign jobs of the route whose figures differ, the newest first."""
    return [one for one in compared(route, since, until) if one.difference]


def compared(route: str, since: datetime | None, until: datetime | None) -> list[Compared]:
    """Every closed order of the route from `since` to `until` (not included), the newest first.

    A line belongs where its order does, so that midnight makes no difference; without an order, at its own
    time.
    """
    lines = _lines(route, since, until)
    jobs: dict[UUID, list[BillLine]] = defaultdict(list)
    for line in lines:
        if line.generation is not None:
            jobs[line.generation].append(line)
    ordered = _ordered(route, since, until)
    rows = [_of_order(key, ours, jobs[key]) for key, ours in ordered.items()]
    rows += [_foreign(line) for line in lines if line.generation is None]
    return sorted((one for one in rows if one.ours or one.theirs), key=lambda one: one.day, reverse=True)


def routes() -> list[str]:
    """Routes of which a bill was read."""
    return list(BillLine.objects.order_by("route").values_list("route", flat=True).distinct())


def _lines(route: str, since: datetime | None, until: datetime | None) -> list[BillLine]:
    """Lines of the time, and those of orders of the time whenever the provider dates them."""
    orders = LedgerEntry.objects.filter(_range("ordered_at", since, until), route=route)
    mine = Q(generation__in=orders.values("generation"))
    return list(BillLine.objects.filter(_range("at", since, until) | mine, route=route))


def _ordered(route: str, since: datetime | None, until: datetime | None) -> dict[UUID, tuple[date, int]]:
    """Order to its day and what we hold that it cost; orders that still run are left to a later look."""
    closed = LedgerEntry.objects.filter(kind__in=(EntryKind.SETTLE, EntryKind.RELEASE), route=route)
    wanted = closed.filter(_range("ordered_at", since, until)).values("generation")
    rows = (
        LedgerEntry.objects.filter(generation__in=wanted)
        .values_list("generation", "ordered_at")
        .annotate(Sum("spent"))
    )
    return {key: (at.astimezone(UTC).date(), spent) for key, at, spent in rows}


def _of_order(key: UUID, ours: tuple[date, int], lines: Sequence[BillLine]) -> Compared:
    day, spent = ours
    theirs = sum(line.micro_usd for line in lines)
    return Compared(day, key, tuple(line.remote_id for line in lines), spent, theirs)


def _foreign(line: BillLine) -> Compared:
    return Compared(line.at.astimezone(UTC).date(), None, (line.remote_id,), 0, line.micro_usd, line.pk)


def _range(field: str, since: datetime | None, until: datetime | None) -> Q:
    found = Q(**{f"{field}__isnull": False})  # an empty Q would vanish where it is joined by "or"
    if since:
        found &= Q(**{f"{field}__gte": since})
    if until:
        found &= Q(**{f"{field}__lt": until})
    return found
