"""Budgets: what blocks an order before it is sent, and how much of each is used.

What was spent and what is reserved counts. An order counts in the UTC month in which it was reserved,
whenever it is settled; one that was imported, in that of the provider's charge.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import groupby

from django.db import transaction
from django.db.models import Q, QuerySet, Sum
from django.utils import timezone

from accounts.models import User
from projects.models import Project
from spend.figures import month, usd
from spend.models import Budget, BudgetAlert, LedgerEntry, Period

THRESHOLDS = (50, 80, 100)
EVER = date(1970, 1, 1)  # the period of a budget that has no months
NOTHING = "Nothing was sent or charged."


class Blocked(ValueError):  # noqa: N818 - reads as the fact it reports
    """An order that would cost money was not taken; the text says why, and that nothing was charged."""


class Exceeded(Blocked):
    """A budget has less left than the order would cost."""


class PriceUnknown(Blocked):
    """Nobody knows what the order would cost."""


@dataclass(frozen=True, slots=True)
class Standing:
    """A budget with what is used of it in one period, in micro-USD."""

    budget: Budget
    spent: int
    reserved: int

    @property
    def used(self) -> int:
        return self.spent + self.reserved

    @property
    def left(self) -> int:
        return self.budget.limit_micro_usd - self.used

    @property
    def reached(self) -> int:
        """The highest threshold that is reached, 0 for none."""
        limit = self.budget.limit_micro_usd
        return max((t for t in THRESHOLDS if self.used > 0 and self.used * 100 >= limit * t), default=0)


@dataclass(frozen=True, slots=True)
class _Sums:
    """Spent and reserved of a person (None: nobody) in a project, by period."""

    project_id: int
    user_id: int | None
    of: Mapping[str, tuple[int, int]]


def check(project_id: int, user_id: int | None, amount: int, moment: datetime | None = None) -> None:
    """Raise Exceeded where the order does not fit; what is free always fits.

    Inside a transaction: the budgets stay locked until it ends, so of two orders at once the second sees the
    first.
    """
    if amount <= 0:
        return
    moment = moment or timezone.now()
    locked = Budget.objects.select_for_update(of=("self",)).concerning(project_id, user_id)
    if said := _shortage(locked, amount, moment):
        raise Exceeded(f"{said} {NOTHING}")


def shortage(project_id: int, user_id: int | None, amount: int) -> str:
    """What stands in the way of an order as things are now, in a sentence; empty where it fits."""
    if amount <= 0:
        return ""
    return _shortage(Budget.objects.concerning(project_id, user_id), amount, timezone.now())


def _shortage(budgets: QuerySet[Budget], amount: int, moment: datetime) -> str:
    found = [_standing(one, moment) for one in budgets.order_by("pk").select_related("project", "user")]
    short = min((one for one in found if one.left < amount), key=lambda one: one.left, default=None)
    if short is None:
        return ""
    left = f"{usd(short.left)} left" if short.left > 0 else "nothing left"
    return f"{title(short.budget, moment)} has {left}, and this would cost {usd(amount)}."


def note(project_id: int, user_id: int | None, moment: datetime) -> None:
    """Write down the thresholds that the budgets of an order have reached, each once in its period."""
    concerned = Budget.objects.concerning(project_id, user_id)
    _write_alerts([_standing(budget, moment) for budget in concerned], moment)


def set_limit(project: Project | None, user: User | None, period: str, limit: int | None) -> None:
    """Make, change or (None) lift the budget of this scope, in micro-USD.

    Thresholds that the new limit is no longer at are forgotten, and told again when they are reached.
    """
    with transaction.atomic():
        if limit is None:
            Budget.objects.filter(project=project, user=user, period=period).delete()
            return
        budget, _ = Budget.objects.update_or_create(
            project=project, user=user, period=period, defaults={"limit_micro_usd": limit}
        )
        now = timezone.now()
        standing = _standing(budget, now)
        stale = budget.alerts.filter(period_start=_start(budget, now), threshold__gt=standing.reached)
        stale.delete()
        _write_alerts([standing], now)


def limit_of(project: Project) -> int | None:
    """The limit of the project in all, in micro-USD; None without one."""
    found = Budget.objects.filter(project=project, user=None, period=Period.TOTAL)
    return found.values_list("limit_micro_usd", flat=True).first()


def standings(found: Sequence[Budget]) -> list[Standing]:
    """How all these budgets stand now, in one query."""
    now = timezone.now()
    this_month = Q(ordered_at__gte=_midnight(month(now)))
    wanted = LedgerEntry.objects.all()
    if all(budget.project_id for budget in found):
        wanted = wanted.filter(project_id__in={budget.project_id for budget in found})
    grouped = wanted.values_list("project_id", "user_id").annotate(
        Sum("spent"),
        Sum("reserved"),
        month_spent=Sum("spent", filter=this_month, default=0),
        month_reserved=Sum("reserved", filter=this_month, default=0),
    )
    sums = [
        _Sums(project, user, {Period.TOTAL: (spent, reserved), Period.MONTH: (month_spent, month_reserved)})
        for project, user, spent, reserved, month_spent, month_reserved in grouped
    ]
    return [_added_up(budget, sums) for budget in found]


def current_alerts(found: Iterable[Budget]) -> dict[int, list[BudgetAlert]]:
    """Budget to its alerts of the period that runs, lowest threshold first."""
    starts = [EVER, month(timezone.now())]
    alerts = BudgetAlert.objects.filter(budget__in=list(found), period_start__in=starts)
    rows = list(alerts.order_by("budget_id", "threshold"))
    return {key: list(of_one) for key, of_one in groupby(rows, key=lambda alert: alert.budget_id)}


def title(budget: Budget, moment: datetime) -> str:
    """'The budget of Ana in Night Market for November 2026': as a sentence begins."""
    span = "" if budget.period == Period.TOTAL else f" for {month(moment):%B %Y}"
    return f"The budget of {scope(budget)}{span}"


def scope(budget: Budget) -> str:
    """'Ana in Night Market', 'Night Market', 'the studio'."""
    if budget.user and budget.project:
        return f"{budget.user.name} in {budget.project.name}"
    return str(budget.user or budget.project or "the studio")


def _standing(budget: Budget, moment: datetime) -> Standing:
    wanted = Q()
    if budget.project_id:
        wanted &= Q(project_id=budget.project_id)
    if budget.user_id:
        wanted &= Q(user_id=budget.user_id)
    if budget.period == Period.MONTH:
        first = month(moment)
        wanted &= Q(ordered_at__gte=_midnight(first), ordered_at__lt=_midnight(_next(first)))
    sums = LedgerEntry.objects.filter(wanted).aggregate(
        spent=Sum("spent", default=0), reserved=Sum("reserved", default=0)
    )
    return Standing(budget, sums["spent"], sums["reserved"])


def _added_up(budget: Budget, sums: Iterable[_Sums]) -> Standing:
    rows = [
        one.of[budget.period]
        for one in sums
        if budget.project_id in (None, one.project_id) and budget.user_id in (None, one.user_id)
    ]
    return Standing(budget, sum(spent for spent, _ in rows), sum(reserved for _, reserved in rows))


def _write_alerts(found: Iterable[Standing], moment: datetime) -> None:
    BudgetAlert.objects.bulk_create(
        (
            BudgetAlert(budget=one.budget, period_start=_start(one.budget, moment), threshold=threshold)
            for one in found
            for threshold in THRESHOLDS
            if threshold <= one.reached
        ),
        ignore_conflicts=True,
    )


def _start(budget: Budget, moment: datetime) -> date:
    return EVER if budget.period == Period.TOTAL else month(moment)


def _next(first: date) -> date:
    return (first + timedelta(days=32)).replace(day=1)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)
