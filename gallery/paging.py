"""Pages by key: every page costs the same, however deep, and new stills never shift one."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import F
from django.db.models.fields.tuple_lookups import TupleGreaterThan, TupleLessThan

from generations.cursor import Cursor
from generations.models import Output, OutputQuerySet

SIZE = 50


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
