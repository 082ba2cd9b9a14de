"""Rating, flagging, favouring and trashing stills: one UPDATE for all of them, and the way back."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime

from django.core import signing
from django.db import transaction

from generations.models import Event, Output, OutputQuerySet
from projects.models import Project

UNDO_SECONDS = 3600
MOST = 10_000

type Value = int | str | bool | datetime | None


class TooMany(ValueError):  # noqa: N818 - reads as the fact it reports
    """More stills than one act may change; the text is a sentence for people."""


@dataclass(frozen=True, slots=True)
class Change:
    """`field` of outputs becomes `value`. `done` and `undone` are words for people before "3 stills".

    `history` is what an event says of it and of its undo; without one the history is silent.
    """

    field: str
    value: Value
    done: str
    undone: str
    history: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """How many stills changed, and a signed token that `undo` takes."""

    changed: int
    token: str


def apply(project: Project, outputs: OutputQuerySet, change: Change, actor: str = "") -> Outcome:
    """Change those of `outputs` that are not so already; `actor` is who the history names.

    Raises `TooMany` before anything changes.
    """
    with transaction.atomic():
        locked = outputs.order_by().select_for_update(of=("self",))
        was = [row for row in locked.values_list("pk", change.field)[: MOST + 1] if row[1] != change.value]
        if len(was) > MOST:
            raise TooMany(f"More than {MOST:,} stills match. Narrow the search; nothing was changed.")
        ids = [pk for pk, _ in was]
        changed = Output.objects.filter(project=project, pk__in=ids).update(**{change.field: change.value})
        if change.history:
            _note(ids, actor, change.history[0])
    return Outcome(changed, _token(project, change, was))


def undo(project: Project, token: str, actor: str = "") -> int:
    """Put back what one act changed, where nobody has changed it since. Raises `signing.BadSignature`."""
    told = signing.loads(token, salt=_salt(project), max_age=UNDO_SECONDS)
    changed = 0
    with transaction.atomic():
        for value, ids in told["was"]:
            still_so = Output.objects.filter(project=project, pk__in=ids, **{told["field"]: told["now"]})
            back = list(still_so.values_list("pk", flat=True))
            changed += Output.objects.filter(pk__in=back).update(**{told["field"]: value})
            if told.get("history"):
                _note(back, actor, told["history"])
    return changed


def _note(ids: list[int], actor: str, words: str) -> None:
    """One line in the history of each still."""
    outputs = Output.objects.filter(pk__in=ids).only("pk", "project_id", "generation_id", "state")
    Event.objects.bulk_create(
        Event(
            project_id=output.project_id,
            generation_id=output.generation_id,
            output=output,
            from_state=output.state,
            to_state=output.state,
            actor=actor,
            note=words,
        )
        for output in outputs
    )


def _token(project: Project, change: Change, was: list[tuple[int, Value]]) -> str:
    before: dict[Value, list[int]] = defaultdict(list)
    for pk, value in was:
        before[value].append(pk)
    told = {
        "field": change.field,
        "now": _plain(change.value),
        "was": [(_plain(value), ids) for value, ids in before.items()],
        "history": change.history[1] if change.history else "",
    }
    return signing.dumps(told, salt=_salt(project), compress=True)


def _plain(value: Value) -> int | str | bool | None:
    return value.isoformat() if isinstance(value, datetime) else value


def _salt(project: Project) -> str:
    return f"gallery.undo.{project.pk}"
