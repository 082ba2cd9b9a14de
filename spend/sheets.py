"""The ledger as CSV, line by line."""

import csv
from collections.abc import Iterable, Iterator

from accounts.models import User
from projects.models import Project
from spend.figures import plain_usd
from spend.models import LedgerQuerySet

RISKY = ("=", "+", "-", "@", "\t", "\r")
CHUNK = 2000


class _Line:
    """A file that gives back what is written to it."""

    def write(self, text: str) -> str:
        return text


def lines(rows: Iterable[Iterable[str]]) -> Iterator[str]:
    writer = csv.writer(_Line())
    for row in rows:
        yield writer.writerow(row)


def safe(text: str) -> str:
    """The text with an apostrophe before what a spreadsheet would take for a formula."""
    return f"'{text}" if text.lstrip(" ").startswith(RISKY) else text


def entries(found: LedgerQuerySet) -> Iterator[tuple[str, ...]]:
    """Every entry, the oldest first, under a line of headings."""
    yield (
        "at", "ordered_at", "kind", "generation", "project", "person", "model", "route",
        "reserved_usd", "spent_usd", "note",
    )  # fmt: skip
    projects = dict(Project.objects.values_list("pk", "name"))
    people = dict(User.objects.values_list("pk", "name"))
    for entry in found.order_by("at", "pk").iterator(chunk_size=CHUNK):
        yield (
            f"{entry.at:%Y-%m-%dT%H:%M:%SZ}",
            f"{entry.ordered_at:%Y-%m-%dT%H:%M:%SZ}",
            entry.kind,
            str(entry.generation),
            safe(projects.get(entry.project_id, f"Deleted project {entry.project_id}")),
            safe(people.get(entry.user_id, "") if entry.user_id else ""),
            entry.model,
            entry.route,
            plain_usd(entry.reserved),
            plain_usd(entry.spent),
            safe(entry.note),
        )
