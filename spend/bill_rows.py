"""The providers' bills beside the ledger, as ready strings."""

from collections.abc import Mapping
from dataclasses import dataclass

from spend import bills
from spend.bills import Compared
from spend.figures import usd
from spend.grouping import Filter

SHOWN = 100


@dataclass(frozen=True, slots=True)
class BillRow:
    """A day of a route, or one order; `verdict` says in words what the difference means. `line` is that of a
    job which belongs to no order, and can be imported."""

    day: str
    route: str
    ours: str
    theirs: str
    difference: str
    verdict: str
    kind: str
    generation: str = ""
    remote_ids: str = ""
    line: int | None = None


@dataclass(frozen=True, slots=True)
class Bill:
    """`days` of every route, newest first, and the `orders` that differ; `more` of them are not shown."""

    days: list[BillRow]
    orders: list[BillRow]
    more: int


def of(asked: Filter, labels: Mapping[str, str]) -> Bill | None:
    """None as long as no bill was read."""
    routes = bills.routes()
    if not routes:
        return None
    wanted = [route for route in routes if asked.route in ("", route)]
    days, orders = [], []
    for route in wanted:
        rows = bills.compared(route, asked.begin, asked.end)
        label = labels.get(route, route)
        days += [_row(label, one) for one in _by_day(rows)]
        orders += [_row(label, one) for one in rows if one.difference]
    return Bill(days, orders[:SHOWN], max(0, len(orders) - SHOWN))


def _by_day(rows: list[Compared]) -> list[Compared]:
    sums: dict[object, Compared] = {}
    for one in rows:
        before = sums.get(one.day, Compared(one.day, None, (), 0, 0))
        sums[one.day] = Compared(one.day, None, (), before.ours + one.ours, before.theirs + one.theirs)
    return list(sums.values())


def _row(route: str, one: Compared) -> BillRow:
    verdict, kind = ("Agrees", "ok") if not one.difference else ("They charge less", "warn")
    if one.difference > 0:
        verdict, kind = "They charge more", "bad"
    elif one.ours and not one.theirs:
        verdict = "Not billed"
    return BillRow(
        day=f"{one.day:%-d %b %Y}",
        route=route,
        ours=usd(one.ours),
        theirs=usd(one.theirs),
        difference=usd(one.difference),
        verdict=verdict,
        kind=kind,
        generation=str(one.generation) if one.generation else "",
        remote_ids=", ".join(one.remote_ids),
        line=one.line,
    )
