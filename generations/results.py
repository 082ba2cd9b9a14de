"""What a provider says of an accepted attempt, and how its pictures arrive: plain functions on rows."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from django.db import transaction
from django.db.models import F, Max, Q
from django.utils import timezone

from generations import horizons, orphans, pipeline, tasks, unknowns, words
from generations.models import TERMINAL, Attempt, Generation, Outcome, Output, OutputState, State
from generations.pipeline import Claim
from media import storage
from providers.base import CancelOutcome, Progress, RemotePicture, Stage
from routes import vault
from spend import ledger

ACTOR = "dispatcher"
LOST = (
    "The provider no longer has this picture. It was paid: ask the provider with the number in the history."
)

UNUSABLE_TRIES = 4


@dataclass(frozen=True, slots=True)
class Wanted:
    """A finished picture at the provider, claimed to be fetched. `name` is that of the arrival."""

    held: Claim
    credential_id: int
    url: str
    name: str
    tries: int


def apply_all(told: Sequence[tuple[Attempt, Progress]], unanswered: Sequence[Attempt]) -> None:
    """Take over many answers in one transaction. Most say nothing new and cost one UPDATE together."""
    now = timezone.now()
    news = [(attempt, progress) for attempt, progress in told if not _says_nothing(attempt, progress, now)]
    fresh = {attempt.pk for attempt, _ in news}
    with transaction.atomic():
        for attempt, progress in news:
            apply(attempt.pk, progress)
        look_later([*unanswered, *(attempt for attempt, _ in told if attempt.pk not in fresh)])


def _says_nothing(attempt: Attempt, progress: Progress, now: datetime) -> bool:
    if progress.stage not in (Stage.WAITING, Stage.RUNNING) or now - attempt.sent_at > horizons.FORGOTTEN:
        return False
    return _waiting(attempt, progress, now) == attempt.generation.waiting


def look_later(found: Sequence[Attempt]) -> None:
    """Ask again when it is time, unless a webhook has said meanwhile that it is time now."""
    now = timezone.now()
    waits: dict[timedelta, list[int]] = defaultdict(list)
    for attempt in found:
        waits[horizons.next_poll(attempt.looks, now - attempt.sent_at, _is_told(attempt, now))].append(
            attempt.pk
        )
    for wait, keys in waits.items():
        rows = Attempt.objects.filter(pk__in=keys, is_done=False, due_at__gt=now)
        rows.update(due_at=now + wait, looks=F("looks") + 1)


def _is_told(attempt: Attempt, now: datetime) -> bool:
    """Whether webhooks of this account have come through lately, so that asking can be rare."""
    heard = attempt.credential.hooked_at if attempt.credential else None
    return heard is not None and heard > now - horizons.HOOKS_TRUSTED


def apply(attempt_id: int, progress: Progress) -> None:
    """Take over where a job stands, by the provider's own word."""
    with transaction.atomic():
        attempt = _attempt(attempt_id)
        if attempt is None:
            return
        if progress.stage == Stage.DONE:
            _deliver(attempt, progress)
        elif progress.stage in (Stage.FAILED, Stage.CANCELLED):
            _end(attempt, progress)
        else:
            _wait(attempt, progress)


def _wait(attempt: Attempt, progress: Progress) -> None:
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
    look_later([attempt])
    waiting = _waiting(attempt, progress, now)
    if waiting != attempt.generation.waiting and attempt.generation.state == State.SUBMITTED:
        Generation.objects.filter(pk=attempt.generation_id).update(waiting=waiting)
        pipeline.tell(
            attempt.generation, None, State.SUBMITTED, State.SUBMITTED, ACTOR, waiting or "It runs now."
        )


def _waiting(attempt: Attempt, progress: Progress, now: datetime) -> str:
    route, age = words.route(attempt.route), now - attempt.sent_at
    if age > horizons.HARD:
        return f"Stuck: {route} has not finished it for long. It is still asked about."
    if age > horizons.SOFT:
        return f"{route} takes longer than usual."
    return f"Waiting at {route}." if progress.stage == Stage.WAITING else ""


def _end(attempt: Attempt, progress: Progress) -> None:
    """The provider says that nothing came of it. It is released as far as nothing was charged."""
    if not _finish(attempt, orphans.billed(attempt.generation) or _micro(progress.cost_usd) or 0):
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


def _deliver(attempt: Attempt, progress: Progress) -> None:
    """The pictures are there: hold a place for each, to be fetched. Those of a late attempt come on top."""
    generation = attempt.generation
    if attempt.is_done:
        _refresh(attempt, progress.pictures)
        return
    if not _finish(attempt, _cost(attempt, progress)):
        return
    orphans.count(attempt, len(progress.pictures))
    comes_late = attempt.is_late or generation.state != State.SUBMITTED
    first = _next_index(generation) if comes_late else 0
    for picture in progress.pictures:
        _hold(attempt, picture, first + picture.index)
    if not comes_late and len(progress.pictures) < generation.count:
        _give_up_missing(attempt, progress)
    if generation.state == State.SUBMITTED or generation.state in TERMINAL:
        made = words.pictures(len(progress.pictures), series=False)
        note = f"{made} came late and will be kept." if comes_late else f"{made} ready at the provider."
        pipeline.move(generation, State.COLLECTING, actor=ACTOR, note=note)
    if not progress.pictures:
        pipeline.finish_if_done(generation, ACTOR)


def _cost(attempt: Attempt, progress: Progress) -> int:
    """The provider's figure, first that of its bill; where it tells none, the price of what it made."""
    told = orphans.billed(attempt.generation)
    told = _micro(progress.cost_usd) if told is None else told
    if told is not None:
        return told
    generation = attempt.generation
    made = min(len(progress.pictures), generation.count)
    return generation.estimate_micro_usd * made // generation.count


def _hold(attempt: Attempt, picture: RemotePicture, index: int) -> None:
    generation = attempt.generation
    found = {
        "attempt": attempt,
        "source": vault.seal(picture.url),
        "source_expires_at": picture.expires_at,
        "is_flagged": picture.flagged,
        "lease_until": None,
    }
    if picture.seed is not None:
        found["seed"] = picture.seed
    place = Output.objects.filter(generation=generation, index=index)
    if place.filter(state=OutputState.PENDING).update(**found) or place.exists():
        return
    Output.objects.create(
        generation=generation,
        project_id=generation.project_id,
        created_at=generation.created_at,
        index=index,
        width=generation.width,
        height=generation.height,
        **{"seed": generation.seed, **found},
    )


def _give_up_missing(attempt: Attempt, progress: Progress) -> None:
    given = [picture.index for picture in progress.pictures]
    missing = Output.objects.filter(generation=attempt.generation, state=OutputState.PENDING)
    said = f"{words.route(attempt.route)} did not make this picture. Only what was made is charged."
    missing.exclude(index__in=given).update(state=OutputState.FAILED, error=said, lease_until=None)


def _refresh(attempt: Attempt, pictures: Sequence[RemotePicture]) -> None:
    """New addresses for pictures that are still to be fetched."""
    Attempt.objects.filter(pk=attempt.pk).update(due_at=None)
    waiting = list(attempt.outputs.filter(state=OutputState.PENDING, arrived_at=None).order_by("index"))
    fresh = {picture.index: picture for picture in pictures}
    offset = _offset(attempt)
    for output in waiting:
        picture = fresh.get(output.index - offset)
        if picture is not None:
            Output.objects.filter(pk=output.pk).update(
                source=vault.seal(picture.url), source_expires_at=picture.expires_at, lease_until=None
            )


def _offset(attempt: Attempt) -> int:
    first = attempt.outputs.order_by("index").values_list("index", flat=True).first() or 0
    return first if attempt.is_late else 0


def _finish(attempt: Attempt, cost: int) -> bool:
    """The provider's last word on an attempt counts once."""
    rows = Attempt.objects.filter(pk=attempt.pk, is_done=False)
    return bool(rows.update(is_done=True, due_at=None, cost_micro_usd=cost))


def _next_index(generation: Generation) -> int:
    last = generation.outputs.aggregate(last=Max("index"))["last"]
    return 0 if last is None else last + 1


def _micro(usd: Decimal | None) -> int | None:
    return None if usd is None else ledger.to_micro(round(usd, 6))


def _attempt(attempt_id: int) -> Attempt | None:
    """The attempt as long as it is accepted; its generation is held until the transaction ends."""
    generation = pipeline.lock_of(attempt_id)
    attempt = Attempt.objects.filter(pk=attempt_id, outcome=Outcome.ACCEPTED).first()
    if attempt is not None and generation is not None:
        attempt.generation = generation
        return attempt
    return None


def to_fetch(now: datetime, most: int) -> list[Wanted]:
    """Claim finished pictures that nobody fetches, those that expire first before others."""
    free = Output.objects.filter(
        Q(lease_until=None) | Q(lease_until__lt=now),
        ~Q(source=""),
        state=OutputState.PENDING,
        arrived_at=None,
        attempt__credential__isnull=False,
    )
    found = free.order_by("source_expires_at", "pk").values_list(
        "pk", "uuid", "generation_id", "fence", "source", "tries", "attempt__credential"
    )
    wanted = []
    for pk, uuid, generation_id, fence, source, tries, credential in found[:most]:
        rows = Output.objects.filter(pk=pk, fence=fence, state=OutputState.PENDING)
        if rows.update(fence=fence + 1, tries=F("tries") + 1, lease_until=now + horizons.LEASE):
            held = Claim(pk, generation_id, fence + 1)
            wanted.append(Wanted(held, credential, vault.unseal(source), str(uuid), tries + 1))
    return wanted


def arrived(held: Claim) -> None:
    """The bytes lie on this machine, synced: from here on nothing can lose them. A worker decodes them."""
    now = timezone.now()
    if pipeline.pending(held).update(arrived_at=now, rung_at=now, lease_until=None, tries=0):
        tasks.ring_take_in(held.output_id)


def not_fetched(wanted: Wanted, why: str) -> None:
    """Again after a while, with a fresh address; given up only when the provider has it no more."""
    output = Output.objects.filter(pk=wanted.held.output_id).first()
    if output is None:
        return
    expired = output.source_expires_at is not None and output.source_expires_at < timezone.now()
    if wanted.tries >= horizons.FETCH_TRIES and (expired or wanted.tries >= 4 * horizons.FETCH_TRIES):
        pipeline.fail(wanted.held, f"{LOST} ({why})", ACTOR)
        return
    again = timezone.now() + horizons.FETCH_AGAIN * min(wanted.tries, 30)
    if (
        pipeline.pending(wanted.held).update(lease_until=again)
        and output.attempt_id
        and wanted.tries % 3 == 2
    ):
        Attempt.objects.filter(pk=output.attempt_id).update(due_at=timezone.now())


def refuse(wanted: Wanted, sentence: str) -> None:
    """Its address is one that nothing is fetched from."""
    pipeline.fail(wanted.held, sentence, ACTOR)


def unusable(wanted: Wanted, why: str) -> None:
    """What came whole is no picture of ours: perhaps an error page, so it is fetched again a few times."""
    if wanted.tries < UNUSABLE_TRIES:
        not_fetched(wanted, why)
        return
    said = f"The provider's file is {why}. It was charged; what came of it is kept for a week."
    if pipeline.fail(wanted.held, said, ACTOR):
        storage.quarantine(wanted.name)


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


def put_off(wanted: Wanted) -> None:
    """The disk does not take it: it stays at the provider until there is room."""
    pipeline.put_off(wanted.held)


# Bodies and prompts of hundreds of orders would only be read to be thrown away.
_ASKED_WITH = (
    *("uuid", "route", "remote_id", "urls", "looks", "sent_at"),
    *("generation__state", "generation__waiting", "generation__endpoint", "generation__count"),
    "credential__hooked_at",
)


def due(now: datetime, most: int) -> list[Attempt]:
    """Accepted attempts to ask about, taken so that no other dispatcher asks as well."""
    rows = Attempt.objects.filter(due_at__lte=now, outcome=Outcome.ACCEPTED, credential__isnull=False)
    found = list(rows.select_related("generation", "credential").only(*_ASKED_WITH).order_by("due_at")[:most])
    if found:
        Attempt.objects.filter(pk__in=[one.pk for one in found]).update(due_at=now + horizons.POLL_SLOWLY)
    return found
