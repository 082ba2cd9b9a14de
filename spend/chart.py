"""Bars of days or months for a chart of figures: numbers for an SVG, texts for people."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from spend.figures import usd
from spend.grouping import Group

DAYS_MOST = 92  # more than a quarter is shown by the month
STEP, THICK, HEIGHT = 10, 8, 100


@dataclass(frozen=True, slots=True)
class Bar:
    """Places in the drawing, and the same in words."""

    x: int
    spent_y: float
    spent_height: float
    reserved_y: float
    reserved_height: float
    label: str
    spent: str
    reserved: str


@dataclass(frozen=True, slots=True)
class Chart:
    """`unit` is "day" or "month"; `top` is what the full height stands for."""

    unit: str
    width: int
    bars: list[Bar]
    top: str
    first: str
    last: str


def chart(days: Sequence[Group], since: date | None, until: date) -> Chart | None:
    """One bar for every day from `since` (or the first with an order) to `until`; None without money."""
    money = {one.key: (one.spent, one.reserved) for one in days if isinstance(one.key, date)}
    if not any(spent or reserved for spent, reserved in money.values()):
        return None
    first = since or min(money)
    unit = "day" if (until - first).days < DAYS_MOST else "month"
    span = [first + timedelta(days=number) for number in range((until - first).days + 1)]
    sums: dict[date, tuple[int, int]] = {}
    for day in span:
        slot = day if unit == "day" else day.replace(day=1)
        spent, reserved = money.get(day, (0, 0))
        before = sums.get(slot, (0, 0))
        sums[slot] = (before[0] + spent, before[1] + reserved)
    top = max(max(0, spent) + max(0, reserved) for spent, reserved in sums.values()) or 1
    bars = [_bar(number, slot, unit, *sums[slot], top) for number, slot in enumerate(sums)]
    return Chart(unit, len(bars) * STEP, bars, usd(top), bars[0].label, bars[-1].label)


def _bar(number: int, slot: date, unit: str, spent: int, reserved: int, top: int) -> Bar:
    tall, light = (round(max(0, part) / top * HEIGHT, 2) for part in (spent, reserved))
    return Bar(
        x=number * STEP + (STEP - THICK) // 2,
        spent_y=round(HEIGHT - tall, 2),
        spent_height=tall,
        reserved_y=round(HEIGHT - tall - light, 2),
        reserved_height=light,
        label=f"{slot:%-d %b %Y}" if unit == "day" else f"{slot:%B %Y}",
        spent=usd(spent),
        reserved=usd(reserved),
    )
