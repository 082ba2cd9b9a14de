"""What a provider says of an accepted attempt, taken over into rows; its pictures are those of places.py."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from functools import cache

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from generations import horizons, orphans, pipeline, places, unknowns, words
from generations.models import TERMINAL, Attempt, Generation, Outcome, Output, OutputState, State
from generations.places import Wanted
from generations.prepared import GivenKeys, PreparedQuery, PreparedUpdate, column, moment
from providers.base import CancelOutcome, Progress, Stage
from spend import ledger

ACTOR = "dispatcher"


@dataclass(frozen=True, slots=True)
class Unheard:
    """Attempts that nothing was said of. They are left alone for the `wait` at least, and if the silence
    `is_lasting`, people are told."""

    attempts: Sequence[Attempt] = ()
    wait: timedelta = timedelta()
    is_lasting: bool = False


@dataclass(frozen=True, slots=True)
class Told:
    """What a provider answered when it was asked about some attempts, and about which it said nothing.

    Up to `fetches` pictures that turn out to be finished are fetched by whoever asked.
    """

    answered: Sequence[tuple[Attempt, Progress]]
    unheard: Unheard = Unheard()
    fetches: int = 0


def apply_all(told: Sequence[Told]) -> list[list[Wanted]]:
    """Take over many answers in one transaction. Most say nothing new and cost one UPDATE together.

    Answers the finished pictures, claimed to be fetched at once: those of all are with the first.
    """
    now, fetches = timezone.now(), max(one.fetches for one in told)
    answered = [pair for one in told for pair in one.answered]
    fresh = {pair[0].pk: pair for pair in answered if not _says_nothing(*pair, now)}
    same = [attempt for attempt, _ in answered if attempt.pk not in fresh]
    with transaction.atomic(savepoint=False):
        delivered = _delivered(fresh)
        wanted = _deliver_all(delivered, fetches)
        for attempt, progress in (fresh[pk] for pk in fresh.keys() - {one.pk for one, _ in delivered}):
            wanted += apply(attempt.pk, progress, fetches - len(wanted), asked=attempt)
        look_later(same, _latest(same, now))
        for one in told:
            _leave_alone(one.unheard, now)
    return [wanted, *([] for _ in told[1:])]


def _delivered(fresh: Mapping[int, tuple[Attempt, Progress]]) -> list[tuple[Attempt, Progress]]:
    """Those that ended as they nearly all do, with just what was ordered, held until the transaction ends."""
    done = [pk for pk, (_, progress) in fresh.items() if progress.stage == Stage.DONE]
    found = [(attempt, fresh[attempt.pk][1]) for attempt in pipeline.attempts_of(done)] if done else []
    return [
        (attempt, progress)
        for attempt, progress in found
        if attempt.generation.state == State.SUBMITTED
        and attempt.outcome == Outcome.ACCEPTED
        and not (attempt.is_done or attempt.is_late or orphans.is_imported(attempt.generation))
        and len(progress.pictures) == attempt.generation.count
    ]


def _deliver_all(delivered: Sequence[tuple[Attempt, Progress]], fetches: int) -> list[Wanted]:
    """All of it at once, as far as that can be."""
    costs: dict[int, list[int]] = defaultdict(list)
    for attempt, progress in delivered:
        costs[_cost(attempt, progress)].append(attempt.pk)
    for cost, keys in costs.items():
        _DELIVERED.change({"attempts": keys, "cost_micro_usd": cost})
    wanted = places.hold_all([(attempt, progress.pictures) for attempt, progress in delivered], fetches)
    notes = {attempt.generation: _ready(progress) for attempt, progress in delivered}
    pipeline.move_all(notes, State.COLLECTING, actor=ACTOR, also={})
    return wanted


_DELIVERED = PreparedUpdate(
    lambda: Attempt.objects.filter(pk__in=GivenKeys("attempts")),
    lambda: {"is_done": True, "due_at": None, "cost_micro_usd": column(Attempt, "cost_micro_usd")},
)


def _ready(progress: Progress) -> str:
    return f"{words.pictures(len(progress.pictures), series=False)} ready at the provider."


def _says_nothing(attempt: Attempt, progress: Progress, now: datetime) -> bool:
    if (
        attempt.is_done
        or progress.stage not in (Stage.WAITING, Stage.RUNNING)
        or now - attempt.sent_at > horizons.FORGOTTEN
    ):
        return False
    return _waiting(attempt, progress, now) == attempt.generation.waiting


def _leave_alone(unheard: Unheard, now: datetime) -> None:
    look_later(unheard.attempts, _latest(unheard.attempts, now), unheard.wait)
    waited_for = [one for one in unheard.attempts if one.generation.state == State.SUBMITTED]
    told = {one.pk: _unheard(one, unheard, now) for one in waited_for}
    news = [one.pk for one in waited_for if told[one.pk] not in ("", one.generation.waiting)]
    for attempt in pipeline.attempts_of(news) if news else ():
        _tell(attempt, told[attempt.pk])


def _unheard(attempt: Attempt, unheard: Unheard, now: datetime) -> str:
    if unheard.is_lasting:
        route = words.route(attempt.route)
        return f"{route} does not answer just now. The order is asked about again, and charged once at most."
    return _late(attempt, now)


def _latest(asked: Sequence[Attempt], now: datetime) -> datetime:
    return max((one.due_at for one in asked if one.due_at), default=now)


def look_later(found: Sequence[Attempt], asked_for: datetime, at_least: timedelta = timedelta()) -> None:
    """Ask again when it is time, unless a webhook has said meanwhile, after they were `asked_for`, that it is
    time now."""
    now = timezone.now()
    waits: dict[timedelta, list[int]] = defaultdict(list)
    for attempt in found:
        wait = horizons.next_poll(attempt.looks, now - attempt.sent_at, _is_told(attempt, now))
        waits[max(wait, at_least)].append(attempt.pk)
    for wait, keys in waits.items():
        rows = Attempt.objects.filter(pk__in=keys, is_done=False, due_at__lte=asked_for)
        rows.update(due_at=now + wait, looks=F("looks") + 1)


def ask_now(credential_id: int) -> None:
    """The account answers again: what was put off meanwhile need not wait any longer."""
    now = timezone.now()
    rows = Attempt.objects.filter(credential=credential_id, outcome=Outcome.ACCEPTED, is_done=False)
    rows.filter(due_at__gt=now, due_at__lte=now + horizons.POLL_SLOWLY).update(due_at=now)


def _is_told(attempt: Attempt, now: datetime) -> bool:
    """Whether webhooks of this account have come through lately, so that asking can be rare."""
    return attempt.credential is not None and attempt.credential.is_told(now - horizons.HOOKS_TRUSTED)


def apply(
    attempt_id: int, progress: Progress, fetches: int = 0, asked: Attempt | None = None
) -> list[Wanted]:
    """Take over where a job stands, by the provider's own word; answers what is claimed to be fetched.

    `asked` is the attempt as it stood when it was asked about: if it had not ended then and has by now,
    somebody else was told the same and fetches already.
    """
    with transaction.atomic(savepoint=False):
        attempt = pipeline.attempt_of(attempt_id)
        if attempt is None or attempt.outcome != Outcome.ACCEPTED:
            return []
        if progress.stage == Stage.DONE:
            return _deliver(attempt, progress, fetches, asked_again=asked is None or asked.is_done)
        if progress.stage in (Stage.FAILED, Stage.CANCELLED):
            _end(attempt, progress)
        else:
            _wait(attempt, progress, (asked and asked.due_at) or timezone.now())
    return []


def _wait(attempt: Attempt, progress: Progress, asked_for: datetime) -> None:
    """Nothing new; after a long time that is said, and when nobody can know it any more a person decides."""
    if progress.stage == Stage.MISSING and orphans.is_unknown(attempt):
        orphans.let_go(attempt)
        return
    if progress.stage == Stage.MISSING and unknowns.is_doubtful(attempt):
        unknowns.doubt(attempt)
        return
    now = timezone.now()
    age = now - attempt.sent_at
    if age > horizons.FORGOTTEN and attempt.generation.state == State.SUBMITTED:
        said = "The provider has not finished it for longer than it keeps results. It may have been charged."
        Attempt.objects.filter(pk=attempt.pk).update(due_at=None)
        pipeline.move(attempt.generation, State.NEEDS_DECISION, actor=ACTOR, note=said)
        return
    if attempt.is_done:
        _stop_asking(attempt)
        return
    look_later([attempt], asked_for)
    _tell(attempt, _waiting(attempt, progress, now))


def _tell(attempt: Attempt, waiting: str) -> None:
    """Why nothing happens just now, for people, if that is new."""
    if waiting != attempt.generation.waiting and attempt.generation.state == State.SUBMITTED:
        Generation.objects.filter(pk=attempt.generation_id).update(waiting=waiting)
        pipeline.tell(
            attempt.generation, None, State.SUBMITTED, State.SUBMITTED, ACTOR, waiting or "It runs now."
        )


def _waiting(attempt: Attempt, progress: Progress, now: datetime) -> str:
    is_waiting = progress.stage == Stage.WAITING
    return _late(attempt, now) or (f"Waiting at {words.route(attempt.route)}." if is_waiting else "")


def _late(attempt: Attempt, now: datetime) -> str:
    route, age = words.route(attempt.route), now - attempt.sent_at
    if age > horizons.HARD:
        return f"Stuck: {route} has not finished it for long. It is still asked about."
    return f"{route} takes longer than usual." if age > horizons.SOFT else ""


def _end(attempt: Attempt, progress: Progress) -> None:
    """The provider says that nothing came of it. It is released as far as nothing was charged."""
    if not _finish(attempt, orphans.billed(attempt.generation) or _micro(progress.cost_usd) or 0):
        _stop_asking(attempt)
        return
    generation = attempt.generation
    if attempt.is_late or generation.state != State.SUBMITTED:
        if generation.state in TERMINAL:
            pipeline.close_account(generation)
        return
    if progress.stage == Stage.CANCELLED:
        pipeline.end(generation, State.CANCELLED, ACTOR, "Cancelled at the provider before it began.")
        return
    route = words.route(attempt.route)
    sentence = (
        progress.refused.sentence if progress.refused else f"{route} could not make it. {progress.note}"
    )
    pipeline.end(generation, State.FAILED, ACTOR, error=sentence.strip())


def _deliver(attempt: Attempt, progress: Progress, fetches: int, *, asked_again: bool) -> list[Wanted]:
    """The pictures are there: hold a place for each, to be fetched. Those of a late attempt come on top."""
    generation = attempt.generation
    if attempt.is_done and not _takes_back(attempt, progress):
        if asked_again:
            places.refresh(attempt, progress.pictures)
        return []
    if not _finish(attempt, _cost(attempt, progress)):
        return []
    orphans.count(attempt, len(progress.pictures))
    comes_late = attempt.is_late or generation.state != State.SUBMITTED
    wanted = places.hold(attempt, progress.pictures, fetches, on_top=comes_late)
    if not comes_late and len(progress.pictures) < generation.count:
        _give_up_missing(attempt, progress)
    if generation.state == State.SUBMITTED or generation.state in TERMINAL:
        made = words.pictures(len(progress.pictures), series=False)
        note = f"{made} came late and will be kept." if comes_late else _ready(progress)
        pipeline.move(generation, State.COLLECTING, actor=ACTOR, note=note)
    if not progress.pictures:
        pipeline.finish_if_done(generation, ACTOR)
    return wanted


def _takes_back(attempt: Attempt, progress: Progress) -> bool:
    """Whether the provider had called it failed and now has pictures: then these come late."""
    if not progress.pictures or attempt.outputs.exists():
        return False
    attempt.is_done, attempt.is_late = False, True
    attempt.save(update_fields=["is_done", "is_late"])
    return True


def _cost(attempt: Attempt, progress: Progress) -> int:
    """The provider's figure, first that of its bill; where it tells none, the price of what it made."""
    told = orphans.billed(attempt.generation)
    told = _micro(progress.cost_usd) if told is None else told
    if told is not None:
        return told
    generation = attempt.generation
    made = min(len(progress.pictures), generation.count)
    return generation.estimate_micro_usd * made // generation.count


def _give_up_missing(attempt: Attempt, progress: Progress) -> None:
    given = [picture.index for picture in progress.pictures]
    missing = Output.objects.filter(generation=attempt.generation, state=OutputState.PENDING)
    said = f"{words.route(attempt.route)} did not make this picture. Only what was made is charged."
    missing.exclude(index__in=given).update(state=OutputState.FAILED, error=said, lease_until=None)


def _stop_asking(attempt: Attempt) -> None:
    """Of what has ended there was one more question, which brought nothing."""
    Attempt.objects.filter(pk=attempt.pk).update(due_at=None)


def _finish(attempt: Attempt, cost: int) -> bool:
    """The provider's last word on an attempt counts once."""
    rows = Attempt.objects.filter(pk=attempt.pk, is_done=False)
    return bool(rows.update(is_done=True, due_at=None, cost_micro_usd=cost))


def _micro(usd: Decimal | None) -> int | None:
    return None if usd is None else ledger.to_micro(round(usd, 6))


def stop_asked(attempt_id: int, outcome: CancelOutcome) -> None:
    """The provider was asked to stop: what it does is seen by asking where the order stands."""
    attempt = Attempt.objects.select_related("generation").filter(pk=attempt_id).first()
    if attempt is None:
        return
    now = timezone.now()
    Attempt.objects.filter(pk=attempt.pk).update(cancel_sent_at=now, due_at=now)
    route = words.route(attempt.route)
    said = {
        CancelOutcome.IMPOSSIBLE: f"{route} cannot stop an order. It goes on, is charged, and is kept.",
        CancelOutcome.TOO_LATE: f"It was already made at {route}: charged, and kept.",
    }.get(outcome, f"{route} was asked to stop it. If it runs already, it is charged and kept.")
    state = attempt.generation.state
    pipeline.tell(attempt.generation, None, state, state, ACTOR, said)


# Bodies and prompts of hundreds of orders would only be read to be thrown away.
_ASKED_WITH = (
    *("uuid", "route", "remote_id", "urls", "looks", "due_at", "hooked_at", "sent_at", "is_done"),
    *("generation__state", "generation__waiting", "generation__endpoint", "generation__count"),
    "credential__hooked_at",
)


def due(now: datetime, most: int, asking: Collection[int] = ()) -> list[Attempt]:
    """Accepted attempts to ask about, without those that are being asked about.

    That two dispatchers ask about the same does no harm; a claim would keep everybody from writing for the
    time of a sync, each time.
    """
    if most <= 0:
        return []
    return _due(1 << (most.bit_length() - 1)).rows({"now": now, "asking": asking})


@cache
def _due(most: int) -> PreparedQuery[Attempt]:
    """Kept for each power of two, since SQL holds its limit."""
    rows = Attempt.objects.filter(
        due_at__lte=moment("now"), outcome=Outcome.ACCEPTED, credential__isnull=False
    )
    asked = rows.exclude(pk__in=GivenKeys("asking")).select_related("generation", "credential")
    return PreparedQuery(lambda: asked.only(*_ASKED_WITH).order_by("due_at")[:most])
