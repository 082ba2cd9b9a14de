"""The budget of a project as a bar with figures: ready strings."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Sum
from django.utils import timezone

from accounts.models import User
from projects.models import Project
from spend import budgets
from spend.account import Balance
from spend.budgets import Standing
from spend.figures import usd
from spend.models import Budget, BudgetAlert, LedgerEntry, Period

KINDS = {0: "ok", 50: "ok", 80: "warn", 100: "bad"}


@dataclass(frozen=True, slots=True)
class BudgetRow:
    """Money as strings, shares of the budget in percent; `limit` is empty without a budget.

    `span` is " this month" for a budget of each month. `mark` is in words from the first threshold on, of the
    `kind` ok, warn or bad; `told` lists the thresholds with the days on which they were reached.
    """

    spent: str
    reserved: str
    limit: str
    spent_share: int
    reserved_share: int
    over: bool
    span: str = ""
    mark: str = ""
    kind: str = "ok"
    told: str = ""


def of_projects(keys: Sequence[int]) -> dict[int, BudgetRow]:
    """Project to its row: the tightest of the budgets that are the whole project's, or only what it spent."""
    sums = _sums(keys)
    found = list(Budget.objects.filter(project_id__in=keys, user=None).order_by("pk"))
    alerts = budgets.current_alerts(found) if found else {}
    rows = {key: without_budget(sums.get(key, Balance(0, 0))) for key in keys}
    by_share = sorted(budgets.standings(found) if found else [], key=_share)
    for standing in by_share:  # the tightest comes last and stays
        assert standing.budget.project_id is not None
        rows[standing.budget.project_id] = row(standing, alerts.get(standing.budget.pk, []))
    return rows


@dataclass(frozen=True, slots=True)
class LimitRow:
    """A budget with its bar, for a list."""

    uuid: str
    title: str
    left: str
    bar: BudgetRow
    standing: Standing
    may_lift: bool


def budgets_of(user: User) -> list[LimitRow]:
    """Every budget that `user` may see, the tightest first."""
    found = list(Budget.objects.visible_to(user).select_related("project", "user").order_by("pk"))
    if not found:
        return []
    mine = set(Budget.objects.set_by(user).values_list("pk", flat=True))
    alerts, now = budgets.current_alerts(found), timezone.now()
    return [
        LimitRow(
            uuid=str(one.budget.uuid),
            title=_title(one.budget, now),
            left=usd(one.left),
            bar=row(one, alerts.get(one.budget.pk, [])),
            standing=one,
            may_lift=one.budget.pk in mine,
        )
        for one in sorted(budgets.standings(found), key=_share, reverse=True)
    ]


def tightest(
    limits: Sequence[LimitRow], project: Project | None, person: User | None, user: User
) -> LimitRow | None:
    """The tightest budget of this scope; the person's own where nothing is chosen and the person does not
    run the studio."""
    if project is None and person is None and not user.runs_studio:
        person = user
    scope = (project.pk if project else None, person.pk if person else None)
    fitting = (
        one for one in limits if (one.standing.budget.project_id, one.standing.budget.user_id) == scope
    )
    return next(fitting, None)


def row(standing: Standing, alerts: Sequence[BudgetAlert]) -> BudgetRow:
    limit = standing.budget.limit_micro_usd
    spent_share, reserved_share = _shares(standing.spent, standing.reserved, limit)
    return BudgetRow(
        spent=usd(standing.spent),
        reserved=usd(standing.reserved),
        limit=usd(limit),
        spent_share=spent_share,
        reserved_share=reserved_share,
        over=standing.left < 0,
        span=" this month" if standing.budget.period == Period.MONTH else "",
        mark=_mark(standing),
        kind=KINDS[standing.reached],
        told=", ".join(f"{one.threshold} % reached on {one.at:%-d %b}" for one in alerts),
    )


def without_budget(sums: Balance) -> BudgetRow:
    return BudgetRow(usd(sums.spent), usd(sums.reserved), "", 0, 0, over=False)


def _title(budget: Budget, moment: datetime) -> str:
    """'Ana in Night Market, November 2026': as the head of a row."""
    name = budgets.scope(budget) if budget.user or budget.project else "The studio"
    span = "in all" if budget.period == Period.TOTAL else f"{moment:%B %Y}"
    return f"{name}, {span}"


def _mark(standing: Standing) -> str:
    if standing.left < 0:
        return "Over budget"
    if standing.reached == budgets.THRESHOLDS[-1]:
        return "Used up"
    return f"{standing.reached} % used" if standing.reached else ""


def _share(standing: Standing) -> float:
    return (
        standing.used / standing.budget.limit_micro_usd if standing.budget.limit_micro_usd else float("inf")
    )


def _shares(spent: int, reserved: int, limit: int) -> tuple[int, int]:
    if not limit:
        return (0, 0)
    share = min(100, max(0, spent * 100 // limit))
    return share, min(100 - share, max(0, reserved * 100 // limit))


def _sums(keys: Sequence[int]) -> dict[int, Balance]:
    rows = LedgerEntry.objects.filter(project_id__in=keys).values("project_id")
    added = rows.annotate(total_spent=Sum("spent"), total_reserved=Sum("reserved"))
    return {row["project_id"]: Balance(row["total_spent"], row["total_reserved"]) for row in added}
