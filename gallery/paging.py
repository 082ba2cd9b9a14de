"""Pages by key: every page costs the same, however deep, and new stills never shift one."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Self

from django.db.models import F
from django.db.models.fields.tuple_lookups import TupleGreaterThan, TupleLessThan

from generations.models import Output, OutputQuerySet

SIZE = 50
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_TOKEN = re.compile(r"([0-9a-f]{1,14})-([0-9a-f]{1,15})")


@dataclass(frozen=True, slots=True)
class Cursor:
    """A place between two stills, named by the still it stands at."""

    at: datetime
    pk: int

    @classmethod
    def of(cls, output: Output) -> Self:
        return cls(output.created_at, output.pk)

    @classmethod
    def read(cls, token: str) -> Self | None:
        """The cursor in an address; None for anything that `__str__` does not write."""
        found = _TOKEN.fullmatch(token)
        if found is None:
            return None
        try:
            return cls(_EPOCH + timedelta(microseconds=int(found[1], 16)), int(found[2], 16))
        except OverflowError:
            return None

    def __str__(self) -> str:
        return f"{(self.at - _EPOCH) // timedelta(microseconds=1):x}-{self.pk:x}"


@dataclass(frozen=True, slots=True)
class Page:
    """Newest first. `older` and `newer` are None where nothing more is known to lie that way."""

    outputs: Sequence[Output]
    older: Cursor | None
    newer: Cursor | None


def older(outputs: OutputQuerySet, start: Cursor | None, size: int = SIZE) -> Page:
    """The `size` stills after `start` as one scrolls down, or the newest."""
    rows = list(newest_first(outputs, start)[: size + 1])
    shown = rows[:size]
    return Page(
        shown,
        older=Cursor.of(shown[-1]) if len(rows) > size else None,
        newer=Cursor.of(shown[0]) if start is not None and shown else None,
    )


def newest_first(outputs: OutputQuerySet, start: Cursor | None) -> OutputQuerySet:
    """In the gallery's order, from below `start`: one row comparison, read off an index by both databases."""
    if start is not None:
        outputs = outputs.filter(TupleLessThan((F("created_at"), F("id")), (start.at, start.pk)))
    return outputs.order_by("-created_at", "-id")


def newer(outputs: OutputQuerySet, start: Cursor, size: int = SIZE) -> Page:
    """The `size` stills right above `start`, newest first."""
    above = outputs.filter(TupleGreaterThan((F("created_at"), F("id")), (start.at, start.pk)))
    rows = list(above.order_by("created_at", "id")[: size + 1])
    shown = rows[:size][::-1]
    return Page(
        shown,
        older=Cursor.of(shown[-1]) if shown else None,
        newer=Cursor.of(shown[0]) if len(rows) > size else None,
    )


def count(outputs: OutputQuerySet, most: int = 1000) -> str:
    """How many there are, counted no further than needed: "248" or "1,000+"."""
    found = outputs.order_by()[: most + 1].count()
    return f"{most:,}+" if found > most else f"{found:,}"
