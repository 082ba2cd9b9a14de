"""What was spent: by whom, on what, against which budget and which bill; as a page and as CSV."""

from collections.abc import Iterator
from datetime import UTC
from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.db.models import Count, OuterRef, Q, Subquery
from django.db.models.functions import TruncDate
from django.http import HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from accounts.models import User
from accounts.signed_in import SignedIn
from generations.models import Flag, Output
from projects.models import Project
from providers import catalogue
from spend import bars, bill_rows, chart, grouping, sheets
from spend.figures import plain_usd
from spend.forms import SpendForm
from spend.group_rows import GroupRow, group_rows
from spend.grouping import GROUPS, Filter, Group, Key
from spend.models import Budget, EntryKind, LedgerEntry

PER_PAGE = 100
TIGHTEST = 6
PICK_FIELDS = {
    "project": "project_id",
    "person": "generation__user_id",
    "model": "generation__model",
    "route": "generation__route",
    "day": "day",
}


@require_GET
def index(request: SignedIn) -> HttpResponse:
    form = SpendForm(request.GET, request.user)
    valid = form.is_valid()
    asked, group = form.asked(), form.group_by()
    found = grouping.entries(request.user, asked)
    groups = grouping.grouped(found, group)
    picks = _picks(request.user, asked, group)
    page = Paginator(groups, PER_PAGE).get_page(request.GET.get("page"))
    days = groups if group == "day" else grouping.grouped(found, "day")
    limits = bars.budgets_of(request.user)
    bill = bill_rows.of(asked, _labels()) if request.user.runs_studio else None
    context = {
        "room": "spend",
        "form": form,
        "query": _query(request),
        "page_query": f"&{_query(request)}",
        "heading": GROUPS[group],
        "page": page,
        "rows": _rows(list(page), group, picks),
        "total": group_rows([grouping.total(groups)], {}, {None: sum(picks.values())})[0],
        "left": bars.tightest(limits, asked.project, asked.person, request.user),
        "limits": limits[:TIGHTEST],
        "more_limits": max(0, len(limits) - TIGHTEST),
        "may_limit": Budget.objects.set_by(request.user).exists() or _leads(request.user),
        "chart": chart.chart(days, asked.since, asked.until or timezone.now().date()),
        "bill": bill,
        "is_all": request.user.runs_studio,
        "is_new": not groups and not bill and not LedgerEntry.objects.visible_to(request.user).exists(),
    }
    return render(request, "spend/index.html", context, status=200 if valid else 422)


@require_GET
def rows_csv(request: SignedIn) -> HttpResponseBase:
    """The rows of the page, all of them; with a bad filter the page that says so."""
    form = SpendForm(request.GET, request.user)
    if not form.is_valid():
        return index(request)
    asked, group = form.asked(), form.group_by()
    groups = grouping.grouped(grouping.entries(request.user, asked), group)
    names, picks = grouping.names(groups, group, _labels()), _picks(request.user, asked, group)
    return _csv(f"spend-by-{group}", _sheet(groups, group, names, picks))


@require_GET
def entries_csv(request: SignedIn) -> HttpResponseBase:
    """Every entry of the ledger that fits the filters; with a bad one the page that says so."""
    form = SpendForm(request.GET, request.user)
    if not form.is_valid():
        return index(request)
    return _csv("spend-entries", sheets.entries(grouping.entries(request.user, form.asked())))


def _csv(name: str, rows: Iterator[tuple[str, ...]]) -> StreamingHttpResponse:
    answer = StreamingHttpResponse(sheets.lines(rows), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{name}-{timezone.now():%Y%m%d}.csv"'
    return answer


def _sheet(
    groups: list[Group], group: str, names: dict[Key, str], picks: dict[Key, int]
) -> Iterator[tuple[str, ...]]:
    yield (group, "orders", "spent_usd", "reserved_usd", "picks", "spent_per_pick_usd")
    for one in groups:
        picked = picks.get(one.key, 0)
        yield (
            sheets.safe(names[one.key]),
            str(one.orders),
            plain_usd(one.spent),
            plain_usd(one.reserved),
            str(picked),
            plain_usd(round(one.spent / picked)) if picked else "",
        )


def _rows(groups: list[Group], group: str, picks: dict[Key, int]) -> list[GroupRow]:
    return group_rows(groups, grouping.names(groups, group, _labels()), picks)


def _picks(user: User, asked: Filter, group: str) -> dict[Key, int]:
    """Key to the pictures flagged pick, of the same orders that the rows add up."""
    found = Output.objects.visible_to(user).filter(flag=Flag.PICK, trashed_at=None)
    if not user.runs_studio:
        found = found.filter(Q(project__in=Project.objects.led_by(user)) | Q(generation__user=user))
    if asked.project:
        found = found.filter(project=asked.project)
    if asked.person:
        found = found.filter(generation__user=asked.person)
    if asked.model:
        found = found.filter(generation__model=asked.model)
    if asked.route:
        found = found.filter(generation__route=asked.route)
    held = LedgerEntry.objects.filter(generation=OuterRef("generation__uuid"), kind=EntryKind.RESERVE)
    ordered = found.annotate(ordered_at=Subquery(held.values("ordered_at")[:1]))
    if asked.begin:
        ordered = ordered.filter(ordered_at__gte=asked.begin)
    if asked.end:
        ordered = ordered.filter(ordered_at__lt=asked.end)
    dated = ordered.annotate(day=TruncDate("ordered_at", tzinfo=UTC))
    return dict(dated.order_by().values_list(PICK_FIELDS[group]).annotate(Count("pk")))


def _labels() -> dict[str, str]:
    models = {row.key: row.label for row in catalogue.models()}
    return models | {row.key: row.label for row in catalogue.routes()}


def _leads(user: User) -> bool:
    return Project.objects.led_by(user).exists()


def _query(request: SignedIn) -> str:
    """The filters as they stand in the address, for links that keep them."""
    return urlencode([(name, value) for name, value in request.GET.items() if name != "page"])
