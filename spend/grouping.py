"""The ledger added up: by project, person, model, route or day; every figure is micro-USD."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from django.db.models import Count, Q, Sum
from django.db.models.functions import TruncDate

from accounts.models import User
from projects.models import Project
from spend.models import EntryKind, LedgerEntry, LedgerQuerySet

GROUPS = {
    "project": "Project",
    "person": "Person",
    "model": "Model",
    "route": "Route",
    "day": "Day",
}
FIELDS = {"project": "project_id", "person": "user_id", "model": "model", "route": "route", "day": "day"}
Key = int | str | date | None


@dataclass(frozen=True, slots=True)
class Filter:
    """What is asked for; None and "" ask for everything. Days are UTC, both included."""

    project: Project | None = None
    person: User | None = None
    model: str = ""
    route: str = ""
    since: date | None = None
    until: date | None = None

    @property
    def begin(self) -> datetime | None:
        return datetime.combine(self.since, time(), UTC) if self.since else None

    @property
    def end(self) -> datetime | None:
        """The midnight after the last day."""
        return datetime.combine(self.until, time(), UTC) + timedelta(days=1) if self.until else None


@dataclass(frozen=True, slots=True)
class Group:
    """What the orders under one key came to."""

    key: Key
    spent: int
    reserved: int
    orders: int


def entries(user: User, asked: Filter) -> LedgerQuerySet:
    """The entries that `user` may see and asks for."""
    found = Q()
    if asked.project is not None:
        found &= Q(project_id=asked.project.pk)
    if asked.person is not None:
        found &= Q(user_id=asked.person.pk)
    if asked.model:
        found &= Q(model=asked.model)
    if asked.route:
        found &= Q(route=asked.route)
    if asked.begin:
        found &= Q(ordered_at__gte=asked.begin)
    if asked.end:
        found &= Q(ordered_at__lt=asked.end)
    return LedgerEntry.objects.visible_to(user).filter(found)


def grouped(found: LedgerQuerySet, group: str) -> list[Group]:
    """Days newest first; everything else by what it cost, the most first."""
    dated = found.annotate(day=TruncDate("ordered_at", tzinfo=UTC))
    rows = dated.values_list(FIELDS[group]).annotate(
        Sum("spent"), Sum("reserved"), orders=Count("pk", filter=Q(kind=EntryKind.RESERVE))
    )
    groups = [Group(*row) for row in rows.order_by()]
    if group == "day":
        return sorted(groups, key=lambda one: str(one.key), reverse=True)
    return sorted(groups, key=lambda one: (-one.spent - one.reserved, str(one.key)))


def total(groups: list[Group]) -> Group:
    return Group(
        None,
        sum(one.spent for one in groups),
        sum(one.reserved for one in groups),
        sum(one.orders for one in groups),
    )


def names(groups: list[Group], group: str, labels: Mapping[str, str]) -> dict[Key, str]:
    """Key to what people call it; `labels` names models and routes."""
    keys = [one.key for one in groups]
    numbers = [key for key in keys if isinstance(key, int)]
    if group == "project":
        known: dict[Key, str] = dict(Project.objects.filter(pk__in=numbers).values_list("pk", "name"))
        return {key: known.get(key, f"Deleted project {key}") for key in keys}
    if group == "person":
        known = dict(User.objects.filter(pk__in=numbers).values_list("pk", "name"))
        return {key: known.get(key, f"Person {key}") if key else "Command line" for key in keys}
    return {key: labels.get(str(key), str(key)) for key in keys}
