"""Rows of the table of spending as ready strings."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from spend.figures import usd
from spend.grouping import Group, Key

NONE = "–"


@dataclass(frozen=True, slots=True)
class GroupRow:
    """`per_pick` is what all orders cost for each picture that was picked."""

    label: str
    orders: str
    spent: str
    reserved: str
    picks: str
    per_pick: str


def group_rows(groups: Sequence[Group], names: Mapping[Key, str], picks: Mapping[Key, int]) -> list[GroupRow]:
    return [_row(one, _label(one.key, names), picks.get(one.key, 0)) for one in groups]


def _label(key: Key, names: Mapping[Key, str]) -> str:
    return f"{key:%-d %b %Y}" if isinstance(key, date) else names.get(key, "")


def _row(group: Group, label: str, picks: int) -> GroupRow:
    return GroupRow(
        label=label,
        orders=f"{group.orders:,}",
        spent=usd(group.spent),
        reserved=usd(group.reserved),
        picks=f"{picks:,}",
        per_pick=usd(round(group.spent / picks / 100) * 100) if picks else NONE,
    )
