"""What becomes of one sending: committed before its first byte leaves, and noted when its answer is there.

Plain functions on rows; who calls providers is `generations/dispatch/`. A second attempt of a generation
exists only after a definite refusal, a proof that nothing was taken, or a person's decision.
"""

import hashlib
import hmac
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import F, Sum
from django.utils import timezone

from generations import horizons, pipeline, routing, words
from generations.models import Attempt, Generation, Outcome, State
from generations.prepared import (
    GivenKeys,
    PreparedInsert,
    PreparedQuery,
    PreparedUpdate,
    column,
    moment,
    number,
)
from generations.tickets import Ticket, is_held, queued
from providers.base import Accepted, Blame, Body, NotReached, Refused, Submitted, Unclear
from providers.registry import SLOTS_BY_PICTURE
from routes import circuit

ACTOR = "dispatcher"


@dataclass(frozen=True, slots=True)
class Sending:
    """An attempt that is committed and may be posted once."""

    attempt_id: int
    ticket: Ticket


@dataclass(frozen=True, slots=True)
class Ready:
    """An attempt that may be committed: under which number and uuid, and what will be posted."""

    ticket: Ticket
    number: int
    uuid: UUID
    body: Body


@dataclass(frozen=True, slots=True)
class Answered:
    """A sending with what was answered. An accepted job is left alone for `first_look`."""

    sending: Sending
    answer: Submitted
    first_look: timedelta | None = None


def put_back(ticket: Ticket, why: str, wait: timedelta | None) -> None:
    """It could not be prepared just now and nothing was sent: again later, by default longer each time."""
    refusals = queued(ticket).values_list("refusals", flat=True).first() or 0
    again = timezone.now() + (wait or horizons.back_off(horizons.BACK_OFF, refusals + 1))
    queued(ticket).update(lease_until=None, due_at=again, refusals=refusals + 1, waiting=why[:200])


def not_prepared(ticket: Ticket, refused: Refused) -> None:
    """The provider does not take an input: the order ends here, or waits with its whole account."""
    if refused.blame in (Blame.ORDER, Blame.POLICY):
        drop(ticket, refused)
        return
    put_back(ticket, refused.sentence, pause(ticket.credential_id, None, refused))


def drop(ticket: Ticket, refused: Refused) -> None:
    """It cannot be prepared at all: nothing was sent or will be."""
    with transaction.atomic():
        generation = pipeline.lock(ticket.generation_id)
        if generation is not None and is_held(ticket, generation):
            pipeline.end(generation, State.FAILED, ACTOR, error=refused.sentence)


def number_of(generation: UUID, number: int) -> UUID:
    """What providers know the attempt as, in the form of version 4, which Runware wants.

    It follows from the generation: a database that comes back from a backup sends the same attempt under the
    same number again, which can be looked for and which Runware and Kling refuse.
    """
    digest = hmac.new(settings.SECRET_KEY.encode(), f"attempt {generation} {number}".encode(), hashlib.sha256)
    return UUID(bytes=digest.digest()[:16], version=4)


def begin(ready: Sequence[Ready]) -> list[Sending | None]:
    """Commit attempts: from here on each counts as sent until something else is known.

    None in the place of one whose generation was cancelled, or that somebody else has.
    """
    now = timezone.now()
    with transaction.atomic(savepoint=False):
        held = pipeline.lock_all([one.ticket.generation_id for one in ready])
        mine = [one for one in ready if is_held(one.ticket, held.get(one.ticket.generation_id))]
        notes = {held[one.ticket.generation_id]: f"Sending, attempt {one.number}." for one in mine}
        lease = {"lease_until": now + horizons.SUBMITTING}
        pipeline.move_all(notes, State.SUBMITTING, actor=ACTOR, also=lease)
        _MADE.add([_attempt(one, held, now) for one in mine])
        keys = dict(_KEYS.rows({"generations": [one.ticket.generation_id for one in mine]}))
    begun = {one.ticket: Sending(keys[one.uuid], one.ticket) for one in mine}
    return [begun.get(one.ticket) for one in ready]


_MADE = PreparedInsert(
    Attempt,
    *("uuid", "generation_id", "number", "credential_id", "route", "outcome", "body", "body_sha256"),
    *("sent_at", "posts", "remote_id", "urls", "reason", "looks", "is_done", "is_late"),
)
_NEW: dict[str, object] = {
    "outcome": Outcome.NONE,
    "posts": 1,
    "remote_id": "",
    "urls": {},
    "reason": "",
    "looks": 0,
    "is_done": False,
    "is_late": False,
}
_KEYS = PreparedQuery(
    lambda: Attempt.objects.filter(generation__in=GivenKeys("generations")).values_list("uuid", "pk")
)


def _attempt(ready: Ready, held: Mapping[int, Generation], now: datetime) -> dict[str, object]:
    return _NEW | {
        "uuid": ready.uuid,
        "generation_id": ready.ticket.generation_id,
        "number": ready.number,
        "credential_id": ready.ticket.credential_id,
        "route": held[ready.ticket.generation_id].route,
        "body": ready.body,
        "body_sha256": hashlib.sha256(json.dumps(ready.body, sort_keys=True).encode()).hexdigest(),
        "sent_at": now,
    }


def record_all(answered: Sequence[Answered]) -> list[None]:
    """Note the answers to the one POST of each attempt."""
    taken = {one.sending.attempt_id: one for one in answered if isinstance(one.answer, Accepted)}
    if len(taken) > 1:
        plain = [one for one in pipeline.attempts_of(taken) if _is_waited_for(one)]
        _accept_all(plain, taken)
        taken = {pk: taken[pk] for pk in taken.keys() - {one.pk for one in plain}}
    for one in answered:
        if one.sending.attempt_id in taken or not isinstance(one.answer, Accepted):
            record(one.sending, one.answer, one.first_look)
    return [None] * len(answered)


def _is_waited_for(attempt: Attempt) -> bool:
    is_open = attempt.outcome == Outcome.NONE and not attempt.remote_id
    return is_open and attempt.generation.state == State.SUBMITTING


def _accept_all(waited_for: Sequence[Attempt], taken: Mapping[int, Answered]) -> None:
    """What nearly all answers come to: all of it at once, as far as that can be."""
    notes: dict[Generation, str] = {}
    for attempt in waited_for:
        answer = taken[attempt.pk].answer
        assert isinstance(answer, Accepted)
        _take_number(attempt, answer, taken[attempt.pk].first_look)
        notes[attempt.generation] = f"Accepted as {answer.remote_id}."
    pipeline.move_all(notes, State.SUBMITTED, actor=ACTOR, also={"refusals": 0})
    for key, orders in Counter(attempt.credential for attempt in waited_for).items():
        if key is not None:
            circuit.succeeded(key, orders)


def record(sending: Sending, answer: Submitted, first_look: timedelta | None = None) -> None:
    """Note the answer to the one POST of an attempt. An accepted one is left alone for `first_look`."""
    if isinstance(answer, Accepted):
        bind(sending.attempt_id, answer, first_look)
    elif isinstance(answer, Refused):
        _refused(sending, answer)
    elif isinstance(answer, NotReached):
        _not_sent(sending, answer.reason)
    else:
        unclear(sending.attempt_id, answer)


def bind(attempt_id: int, accepted: Accepted, first_look: timedelta | None = None) -> bool:
    """The provider has it: from the answer, from a webhook, from its list or by a person's word.

    False: this job belongs to another attempt already, which is noted and leaves the outcome unclear.
    """
    try:
        with transaction.atomic():
            attempt = pipeline.attempt_of(attempt_id)
            if attempt is None or attempt.remote_id:
                return attempt is not None and attempt.remote_id == accepted.remote_id
            _accept(attempt, accepted, first_look)
    except IntegrityError:
        unclear(attempt_id, Unclear("the provider gave the number of another job"))
        return False
    if attempt.credential is not None:
        circuit.succeeded(attempt.credential)
    return True


def _accept(attempt: Attempt, accepted: Accepted, first_look: timedelta | None) -> None:
    generation = attempt.generation
    attempt.is_late = attempt.outcome in (Outcome.VOID, Outcome.ABANDONED, Outcome.REFUSED)
    _take_number(attempt, accepted, first_look)
    if not attempt.is_late and generation.state in (State.SUBMITTING, State.UNKNOWN, State.NEEDS_DECISION):
        note = f"Accepted as {accepted.remote_id}."
        pipeline.move(generation, State.SUBMITTED, actor=ACTOR, note=note, also={"refusals": 0})
    elif attempt.is_late:
        said = f"An earlier attempt was accepted after all, as {accepted.remote_id}."
        pipeline.tell(generation, None, generation.state, generation.state, ACTOR, said)


def _take_number(attempt: Attempt, accepted: Accepted, first_look: timedelta | None) -> None:
    attempt.outcome = Outcome.ACCEPTED
    attempt.remote_id = accepted.remote_id
    attempt.urls = dict(accepted.urls)
    attempt.looks = 0
    attempt.due_at = timezone.now() + (first_look or horizons.POLLS[0])
    _TAKEN_NUMBER.change({"attempt": attempt.pk, **{name: getattr(attempt, name) for name in _NUMBERED}})


_NUMBERED = ("is_late", "outcome", "remote_id", "urls", "looks", "due_at")
_TAKEN_NUMBER = PreparedUpdate(
    lambda: Attempt.objects.filter(pk=number("attempt")),
    lambda: {name: column(Attempt, name) for name in _NUMBERED},
)


def _refused(sending: Sending, refused: Refused) -> None:
    """Definitely not accepted. Whose matter it is decides what happens next."""
    is_final = refused.blame in (Blame.ORDER, Blame.POLICY)
    generation = _close(sending, Outcome.REFUSED, refused.sentence, of_every_post=is_final)
    if is_final:
        if generation is not None:
            end_refused(generation, refused)
        return
    if generation is not None and _goes_on(generation, refused):
        generation = None
    wait = pause(sending.ticket.credential_id, generation, refused)
    if generation is not None:
        queue_again(generation, refused.sentence, wait)


def end_refused(generation: Generation, refused: Refused) -> None:
    with transaction.atomic():
        if pipeline.end(generation, State.FAILED, ACTOR, error=refused.sentence):
            routing.go_on(generation, refused)


def _goes_on(generation: Generation, refused: Refused) -> bool:
    """Whether another route carries the order from here on: then this one ends."""
    with transaction.atomic():
        is_carried = routing.go_on(generation, refused) is not None
        return is_carried and pipeline.end(generation, State.FAILED, ACTOR, error=refused.sentence)


def pause(credential_id: int, generation: Generation | None, refused: Refused) -> timedelta:
    """Close the account or make room in it; answers how long this order waits by itself."""
    refusals = generation.refusals + 1 if generation else 1
    if refused.blame in (Blame.ACCOUNT, Blame.MONEY):
        circuit.close(credential_id, horizons.PROBE, refused.sentence, is_at_fault=True)
        return timedelta()
    if refused.blame == Blame.RATE:
        circuit.crowded(credential_id, in_flight(credential_id))
        if refused.after is not None:
            wait = horizons.seconds(min(max(refused.after, 1.0), horizons.RETRY_AFTER_MOST))
            circuit.close(credential_id, wait, refused.sentence, is_at_fault=False)
        return horizons.back_off(horizons.RATE_OFF, refusals)
    _back_off(credential_id, refused.sentence)
    return timedelta()


def _back_off(credential_id: int, why: str) -> None:
    """The way there or the provider fails: leave the account alone, longer each time."""
    wait = horizons.back_off(horizons.BACK_OFF, circuit.failures(credential_id) + 1)
    circuit.close(credential_id, wait, why, is_at_fault=False)


def _not_sent(sending: Sending, reason: str) -> None:
    said = f"Nothing was sent: {reason}."
    generation = _close(sending, Outcome.REFUSED, said, of_every_post=False)
    route = words.route(generation.route) if generation else "The provider"
    said = f"{route} cannot be reached just now ({reason}). Nothing was sent."
    _back_off(sending.ticket.credential_id, said)
    if generation is not None:
        queue_again(generation, said, timedelta())


def queue_again(generation: Generation, why: str, wait: timedelta) -> None:
    """Nothing came of the attempt: another one later, unless somebody asked to stop."""
    with transaction.atomic():
        if generation.cancel_requested_at is not None:
            pipeline.end(generation, State.CANCELLED, ACTOR, "Cancelled before it was accepted, $0.")
            return
        again = {"due_at": timezone.now() + wait, "refusals": F("refusals") + 1, "waiting": why[:200]}
        pipeline.move(generation, State.QUEUED, actor=ACTOR, note=why, also=again)


def unclear(attempt_id: int, answer: Unclear) -> None:
    """Nobody knows whether it was taken: from now on it is asked about, and never simply sent again."""
    with transaction.atomic():
        attempt = pipeline.attempt_of(attempt_id)
        if attempt is None or attempt.outcome != Outcome.NONE:
            return
        attempt.outcome = Outcome.UNKNOWN
        attempt.reason = answer.reason[:500]
        attempt.due_at = timezone.now() + horizons.next_look(0)
        attempt.save(update_fields=["outcome", "reason", "due_at"])
        if attempt.generation.state == State.SUBMITTING:
            said = f"The answer got lost ({answer.reason}). Checking; it is not sent twice."
            pipeline.move(attempt.generation, State.UNKNOWN, actor=ACTOR, note=said)
    if attempt.credential_id is not None:
        said = f"{words.route(attempt.route)} did not answer as it should ({answer.reason})."
        _back_off(attempt.credential_id, said)


def overdue(now: datetime) -> list[int]:
    """Attempts whose sender was never heard of again."""
    return _OVERDUE.rows({"now": now})


_OVERDUE = PreparedQuery(
    lambda: Attempt.objects.filter(
        outcome=Outcome.NONE, generation__state=State.SUBMITTING, generation__lease_until__lt=moment("now")
    ).values_list("pk", flat=True)[:100]
)


def in_flight(credential_id: int) -> int:
    """What counts against the account's limit: orders, or pictures where the provider counts those."""
    flying = Generation.objects.filter(
        credential=credential_id, state__in=(State.SUBMITTING, State.SUBMITTED, State.UNKNOWN)
    )
    route = flying.values_list("route", flat=True).first()
    if route in SLOTS_BY_PICTURE:
        return flying.aggregate(total=Sum("count"))["total"] or 0
    return flying.count()


def _close(sending: Sending, outcome: str, reason: str, *, of_every_post: bool) -> Generation | None:
    """End the attempt; its generation, if that still waits for it.

    What is known of one post alone ends no attempt that was posted again: the other may have been taken.
    """
    open_ones = Attempt.objects.filter(
        pk=sending.attempt_id, outcome__in=(Outcome.NONE, Outcome.UNKNOWN), remote_id=""
    )
    if not of_every_post:
        open_ones = open_ones.filter(posts=1)
    if not open_ones.update(outcome=outcome, reason=reason[:500], due_at=None, is_done=True):
        return None
    generation = Generation.objects.filter(pk=sending.ticket.generation_id).first()
    waits = (State.SUBMITTING, State.UNKNOWN, State.NEEDS_DECISION)
    return generation if generation is not None and generation.state in waits else None
