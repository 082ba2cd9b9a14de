"""Rating, flagging, favouring and trashing stills: one UPDATE for all of them, and the way back."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime

from django.core import signing
from django.db import transaction

from generations.models import Output, OutputQuerySet
from projects.models import Project

UNDO_SECONDS = 3600
MOST = 10_000

type Value = int | str | bool | datetime | None


class TooMany(ValueError):  # noqa: N818 - reads as the fact it reports
    """More stills than one act may change; the text is a sentence for people."""


@dataclass(frozen=True, slots=True)
class Change:
    """`field` of outputs becomes `value`. `done` and `undone` are words for people before "3 stills"."""

    field: str
    value: Value
    done: str
    undone: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """How many stills changed, and a signed token that `undo` takes."""

    changed: int
    token: str


def apply(project: Project, outputs: OutputQuerySet, change: Change) -> Outcome:
    """Change those of `outputs` that are not so already. Raises `TooMany` before anything changes."""
    with transaction.atomic():
        locked = outputs.order_by().select_for_update(of=("self",))
        was = [row for row in locked.values_list("pk", change.field)[: MOST + 1] if row[1] != change.value]
        if len(was) > MOST:
            raise TooMany(f"More than {MOST:,} stills match. Narrow the search; nothing was changed.")
        ids = [pk for pk, _ in was]
        changed = Output.objects.filter(project=project, pk__in=ids).update(**{change.field: change.value})
    return Outcome(changed, _token(project, change, was))


def undo(project: Project, token: str) -> int:
    """Put back what one act changed, where nobody has changed it since. Raises `signing.BadSignature`."""
    told = signing.loads(token, salt=_salt(project), max_age=UNDO_SECONDS)
    changed = 0
    with transaction.atomic():
        for value, ids in told["was"]:
            still_so = Output.objects.filter(project=project, pk__in=ids, **{told["field"]: told["now"]})
            changed += still_so.update(**{told["field"]: value})
    return changed


def _token(project: Project, change: Change, was: list[tuple[int, Value]]) -> str:
    before: dict[Value, list[int]] = defaultdict(list)
    for pk, value in was:
        before[value].append(pk)
    told = {
        "field": change.field,
        "now": _plain(change.value),
        "was": [(_plain(value), ids) for value, ids in before.items()],
    }
    return signing.dumps(told, salt=_salt(project), compress=True)


def _plain(value: Value) -> int | str | bool | None:
    return value.isoformat() if isinstance(value, datetime) else value


def _salt(project: Project) -> str:
    return f"gallery.undo.{project.pk}"
