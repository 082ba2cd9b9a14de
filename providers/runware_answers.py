"""What Runware's answers mean: `data` and `errors` beside each other, both about any task of the array.

Its codes are no fixed list. They are told apart by family, as Runware's own client does.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from providers.base import Accepted, Blame, Progress, Refused, RemotePicture, Stage, Unclear
from providers.http import Answer
from providers.replies import (
    fields,
    identifier,
    joined,
    link,
    number,
    plain,
    rows,
    sentence,
    wait,
    whole,
    words,
)

type Item = Mapping[str, object]


class Family(StrEnum):
    TWIN = "twin"
    ABSENT = "absent"
    KEY = "key"
    MONEY = "money"
    RATE = "rate"
    SAFETY = "safety"
    SERVER = "server"
    PROVIDER = "provider"
    INPUT = "input"
    UNKNOWN = "unknown"


_FAMILIES = tuple(
    (family, re.compile(pattern, re.IGNORECASE))
    for family, pattern in (
        (Family.TWIN, r"conflictTaskUUID"),
        (Family.ABSENT, r"task.*notFound"),
        (Family.MONEY, r".*(credits|balance|quota).*"),
        (Family.KEY, r".*apiKey.*|account.*|.*unauthorized.*|.*forbidden.*"),
        (Family.RATE, r".*rateLimit.*|.*tooManyRequests.*"),
        (Family.SAFETY, r".*contentPolicy.*|.*Blocked|.*moderat.*|.*nsfw.*"),
        (Family.SERVER, r"internalServerError|serviceUnavailable"),
        (Family.INPUT, r"(invalid|missing|unsupported|value|array).*"),
        (Family.PROVIDER, r".*provider.*|inferenceError|.*Failed.*|noAvailableServer|modelUnavailable"),
    )
)
_BY_STATUS = {401: Family.KEY, 402: Family.MONEY, 403: Family.KEY, 429: Family.RATE}
_REFUSALS = frozenset({Family.KEY, Family.MONEY, Family.RATE, Family.SAFETY, Family.INPUT})
_COMPOSER = {
    "positivePrompt": "prompt",
    "width": "aspect_ratio",
    "height": "aspect_ratio",
    "resolution": "resolution",
    "referenceImages": "reference",
    "media": "reference",
    "numberResults": "count",
    "outputFormat": "format",
    "model": "model",
}
_NOTHING = "Nothing was charged."


@dataclass(frozen=True, slots=True)
class Told:
    """An answer taken apart: items and errors by their task; "" holds those that name none."""

    data: Mapping[str, Sequence[Item]]
    errors: Mapping[str, Sequence[Item]]


def told(answer: Answer) -> Told | None:
    """What is in an answer, at any status; None for one that is not Runware's."""
    body = fields(answer.json())
    errors = [*rows(body.get("errors")), *([body["error"]] if isinstance(body.get("error"), dict) else [])]
    if not isinstance(body.get("data"), list) and not errors:
        return None
    return Told(_by_task(rows(body.get("data"))), _by_task(errors))


def family(error: Item, status: int) -> Family:
    code = plain(error.get("code"))
    found = next((name for name, pattern in _FAMILIES if pattern.fullmatch(code)), None)
    return found or _BY_STATUS.get(status, Family.UNKNOWN)


def submitted(answer: Answer, attempt: str, key: str) -> Accepted | Refused | Unclear:
    """What became of the one task that was sent. That its id is known already means that it was taken."""
    found = told(answer)
    if found is None:
        return Unclear(f"status {answer.status} that tells nothing")
    if found.data.get(attempt) and answer.status < 300:
        return Accepted(attempt)
    errors = [*found.errors.get(attempt, ()), *found.errors.get("", ())]
    if not errors:
        return Unclear("an answer about other tasks")
    kind = family(errors[0], answer.status)
    if kind is Family.TWIN:
        return Accepted(attempt)
    if kind in _REFUSALS:
        return refusal(errors[0], answer, key)
    return Unclear(f"the code {plain(errors[0].get('code')) or answer.status}")


def refusal(error: Item, answer: Answer, key: str) -> Refused:
    code = plain(error.get("code")) or str(answer.status)
    text = sentence(words(error.get("message"), key))
    blame, said = _worded(family(error, answer.status), text)
    field = _field(error.get("parameter")) if blame in (Blame.ORDER, Blame.POLICY) else ""
    return Refused(blame, said, code, field, wait(answer))


def _worded(kind: Family, text: str) -> tuple[Blame, str]:
    match kind:
        case Family.KEY:
            return Blame.ACCOUNT, joined("Runware does not accept the key.", text, _NOTHING, "Check the key.")
        case Family.MONEY:
            return Blame.MONEY, f"The Runware account has no credit left. {_NOTHING} Add credit at Runware."
        case Family.RATE:
            return Blame.RATE, f"Runware takes no more at the moment. {_NOTHING} It is sent again later."
        case Family.SAFETY:
            return Blame.POLICY, f"Runware refused this for its content. {_NOTHING}"
        case Family.INPUT:
            return Blame.ORDER, joined("Runware refused this order.", text, _NOTHING)
        case _:
            return Blame.PROVIDER, joined("Runware failed.", text)


def _field(parameter: object) -> str:
    """The composer's field at fault; a parameter may be a path or a list of them."""
    first = parameter[0] if isinstance(parameter, list) and parameter else parameter
    return _COMPOSER.get(plain(first).rpartition(".")[2], "")


def progress(told: Told, task: str, count: int, answer: Answer, until: datetime, key: str) -> Progress | None:
    """Where a task of `count` pictures stands; None where the answer does not tell.

    A task is at an end when pictures and errors add up, or when there are errors alone. Pictures are told
    then only, in an order that stays the same however Runware lists them.
    """
    items, errors = told.data.get(task, ()), told.errors.get(task, ())
    final = [error for error in errors if is_own(error, answer.status)]
    if not items and not final:
        return _nothing(told, task, answer)
    if _is_running(items):
        return Progress(Stage.RUNNING)
    pictures = _pictures(items, until)
    refused = refusal(final[0], answer, key) if final else None
    note = words(final[0].get("message"), key) if final else ""
    if not pictures and final:
        return Progress(Stage.FAILED, refused=refused, note=note)
    if len(pictures) + len(final) < count:
        return Progress(Stage.RUNNING, note=f"{len(pictures)} of {count} pictures")
    return Progress(Stage.DONE, pictures, _cost(items), refused, note)


def finished(told: Told, task: str) -> int:
    """How many pictures a task has of which nothing runs any more; 0 while something does."""
    items = told.data.get(task, ())
    return 0 if _is_running(items) else len(_distinct(items))


def is_own(error: Item, status: int) -> bool:
    """Whether an error is what became of a task, which was then taken before; not about the question."""
    if plain(error.get("status")) == "error":
        return True
    return family(error, status) in (Family.SAFETY, Family.PROVIDER)


def _nothing(told: Told, task: str, answer: Answer) -> Progress | None:
    """A task of which nothing is told: unknown to Runware, unless the question itself went wrong."""
    families = {family(error, answer.status) for error in told.errors.get(task, ())}
    silent = answer.status >= 400 and not told.data and not told.errors
    if silent or "" in told.errors or not families <= {Family.ABSENT}:
        return None
    return Progress(Stage.MISSING)


def _is_running(items: Sequence[Item]) -> bool:
    return any(not link(item.get("imageURL")) and plain(item.get("status")) != "success" for item in items)


def _pictures(items: Sequence[Item], until: datetime) -> tuple[RemotePicture, ...]:
    return tuple(
        RemotePicture(
            place,
            link(item.get("imageURL")),
            whole(item.get("seed")),
            item.get("NSFWContent") is True,
            until,
        )
        for place, (_, item) in enumerate(sorted(_distinct(items).items()))
    )


def _distinct(items: Sequence[Item]) -> dict[str, Item]:
    """Finished items by their picture: one may be told twice."""
    done = [item for item in items if link(item.get("imageURL"))]
    return {identifier(item.get("imageUUID")) or link(item.get("imageURL")): item for item in done}


def _cost(items: Sequence[Item]) -> Decimal | None:
    costs = [number(item.get("cost")) for item in _distinct(items).values()]
    return sum((cost for cost in costs if cost is not None), Decimal(0)) if None not in costs else None


def _by_task(entries: Sequence[object]) -> dict[str, list[Item]]:
    found: dict[str, list[Item]] = {}
    for entry in rows(list(entries)):
        found.setdefault(identifier(entry.get("taskUUID")), []).append(entry)
    return found
