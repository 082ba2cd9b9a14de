"""What is known of an order that nobody can tell the outcome of, and what a person decides about it."""

import re
from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone

from accounts.models import User
from generations import text, unknowns, words
from generations.models import Attempt, Generation, InboxEvent, Outcome, State

NUMBER = re.compile(r"[A-Za-z0-9_-]{1,200}")


class TooLate(ValueError):  # noqa: N818 - reads as the fact it reports
    """It was settled before the decision came; the text is a sentence for people."""


class NotTaken(ValueError):  # noqa: N818 - reads as the fact it reports
    """The decision cannot be taken as it was given; the text is a sentence for people."""


@dataclass(frozen=True, slots=True)
class Fact:
    name: str
    value: str


NEVER_SENT = Fact("Sent", "No sending is on record in this studio.")


@dataclass(frozen=True, slots=True)
class AttemptRow:
    """One sending: `outcome` in words, `remote_id` the provider's number, `said` its reason."""

    number: int
    sent_at: datetime
    outcome: str
    remote_id: str
    said: str
    cost: str


@dataclass(frozen=True, slots=True)
class Evidence:
    """`amount` is what sending again may cost once more; `takes_number`: its number is not known yet."""

    uuid: str
    title: str
    route: str
    question: str
    amount: str
    is_open: bool
    stands: str
    facts: tuple[Fact, ...]
    attempts: tuple[AttemptRow, ...]
    takes_number: bool


def evidence(generation: Generation) -> Evidence:
    """Everything that helps to decide; `generation` comes with its project."""
    attempts = _attempts(generation)
    last = attempts[-1] if attempts else None
    route, amount = words.route(generation.route), words.money(generation.estimate_micro_usd)
    made = generation.outputs.filter(state="stored").count()
    return Evidence(
        uuid=str(generation.uuid),
        title=text.excerpt(generation.prompt) or "without words",
        route=route,
        question=_question(last, route, amount),
        amount=amount,
        is_open=generation.state == State.NEEDS_DECISION,
        stands=words.state(generation.state, made, generation.count, generation.route),
        facts=(*(_facts_of(last) if last else (NEVER_SENT,)), *_facts(generation)),
        attempts=tuple(_row(attempt) for attempt in attempts),
        takes_number=last is not None and last.outcome == Outcome.UNKNOWN,
    )


def attempt_rows(generation: Generation) -> tuple[AttemptRow, ...]:
    """Every sending of it, the first one first."""
    return tuple(_row(attempt) for attempt in generation.attempts.order_by("number"))


def decide(generation: Generation, act: str, number: str, user: User) -> str:
    """Do what `user` decided: again, give_up, or ran with the provider's `number`. Answers a sentence.

    Raises NotTaken, with nothing changed, or TooLate.
    """
    amount = words.money(generation.estimate_micro_usd)
    if act == "again":
        _in_time(unknowns.send_again(generation, user))
        return f"Sent again. If both turn out to run, it costs {amount} twice and all pictures are kept."
    if act == "give_up":
        _in_time(unknowns.give_up(generation, user))
        return f"Given up: {amount} is free again. If its pictures turn up, they are kept and charged."
    if act == "ran":
        return _ran(generation, number.strip(), user)
    raise NotTaken("Choose what is to be done. Nothing was changed.")


def _ran(generation: Generation, number: str, user: User) -> str:
    route = words.route(generation.route)
    if not NUMBER.fullmatch(number):
        raise NotTaken(
            f"Enter the number as {route} shows it: letters, digits, - and _ only. Nothing was changed."
        )
    if Attempt.objects.filter(route=generation.route, remote_id=number).exists():
        raise NotTaken(f"{route}'s number {number} belongs to another order already. Nothing was changed.")
    _in_time(unknowns.it_ran(generation, number, user))
    return (
        f"Taken over as {number}: {route} is asked for it, and its pictures are fetched. Sent no second time."
    )


def _in_time(is_done: bool) -> None:
    if not is_done:
        raise TooLate("This came too late: it was settled meanwhile. Your decision changed nothing.")


def _attempts(generation: Generation) -> list[Attempt]:
    known = generation.attempts.select_related("credential").prefetch_related("hooks")
    return list(known.order_by("number"))


def _question(last: Attempt | None, route: str, amount: str) -> str:
    if last is not None and last.outcome == Outcome.ACCEPTED:
        return (
            f"{route} accepted it and never finished it. Whether it charged {amount} shows only in its bill."
        )
    return f"Nobody can tell whether {route} accepted this order. If it did, it charges {amount}."


def _facts_of(last: Attempt) -> list[Fact]:
    key = f"the key {last.credential.name}" if last.credential else "a key that was deleted"
    if last.credential and last.credential.removed_at:
        key += ", which was removed"
    facts = [
        Fact("Sent", f"{_moment(last.sent_at)}, {words.age(last.sent_at)}, as attempt {last.number}"),
        Fact("To", f"{words.route(last.route)}, with {key}"),
        Fact("Heard since", _heard(last)),
        Fact("Looked for", _looked(last)),
        Fact("Webhooks", _webhooks(list(last.hooks.all()))),
        Fact("Our number", str(last.uuid)),
    ]
    if last.posts > 1:
        facts.append(
            Fact("Posted", f"{last.posts} times under our number, so that only one can have counted")
        )
    return facts


def _facts(generation: Generation) -> list[Fact]:
    what = words.pictures(generation.count, series=generation.is_series)
    size = f"{generation.width} × {generation.height} px"
    facts = [Fact("Asked for", f"{what}, {words.model(generation.model)}, {size}")]
    if generation.cost_micro_usd is None:
        facts.append(Fact("Reserved", f"{words.money(generation.estimate_micro_usd)} until it is settled"))
    if generation.cancel_requested_at is not None:
        facts.append(Fact("Asked to stop", _moment(generation.cancel_requested_at)))
    return facts


def _heard(last: Attempt) -> str:
    if last.outcome == Outcome.ACCEPTED:
        return f"Accepted as {last.remote_id}, and not finished since."
    return _sentence(last.reason) or "Nothing: no answer came."


def _looked(last: Attempt) -> str:
    times = "Not yet" if not last.looks else "Once" if last.looks == 1 else f"{last.looks} times"
    if last.due_at is None:
        return f"{times}. It is not looked for any more."
    return f"{times}. It is looked for again at {timezone.localtime(last.due_at):%H:%M}."


def _webhooks(hooks: list[InboxEvent]) -> str:
    if not hooks:
        return "None came."
    newest = max(hooks, key=lambda hook: hook.at)
    signed = "its signature holds" if newest.verified else "its sender is not proven"
    named = f" about {newest.remote_id}" if newest.remote_id else ""
    return f"{len(hooks)} came, the last one at {_moment(newest.at)}{named}; {signed}."


def _row(attempt: Attempt) -> AttemptRow:
    return AttemptRow(
        number=attempt.number,
        sent_at=attempt.sent_at,
        outcome=_outcome(attempt),
        remote_id=attempt.remote_id,
        said=_sentence(attempt.reason),
        cost=_cost(attempt),
    )


def _outcome(attempt: Attempt) -> str:
    if attempt.outcome == Outcome.ACCEPTED:
        how = "Finished" if attempt.is_done else "Accepted"
        return f"{how}, late" if attempt.is_late else how
    if attempt.outcome == Outcome.UNKNOWN:
        return "Not known whether it was accepted"
    if attempt.outcome == Outcome.ABANDONED:
        return "Given up, and still looked for" if attempt.due_at else "Given up"
    return str(Outcome(attempt.outcome).label)


def _cost(attempt: Attempt) -> str:
    if attempt.cost_micro_usd is not None:
        return words.money(attempt.cost_micro_usd) if attempt.cost_micro_usd else "$0"
    if attempt.outcome in (Outcome.REFUSED, Outcome.VOID):
        return "$0"
    return "not known" if attempt.outcome in (Outcome.UNKNOWN, Outcome.ABANDONED) else "open"


def _sentence(reason: str) -> str:
    reason = reason.strip()
    return f"{reason[0].upper()}{reason[1:].rstrip('.')}." if reason else ""


def _moment(at: datetime) -> str:
    local = timezone.localtime(at)
    return f"{local.day} {local:%b %Y, %H:%M:%S}"
