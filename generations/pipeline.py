"""The life of a generation: the one place that moves states, and what each move brings with it.

    drawn:  queued -> collecting -> succeeded | partial | failed
    paid:   queued -> submitting -> submitted -> collecting -> succeeded | partial | failed
            submitting -> queued (definitely not taken) | unknown (nobody knows)
            queued -> unknown (a restored database: it may have been sent since)
            unknown -> submitted | queued (proven) | needs_decision -> queued | submitted | failed
    late:   what had ended -> collecting, when paid pictures turn up after all

Drawing is free, so a drawn generation is never *submitting* and never *unknown*: an output whose lease ran
out is taken again under a higher fence. Every move is one conditional UPDATE; whoever changes no row lost and
stops. What a paid generation's attempts go through stands in `attempts.py` and `results.py`.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cache

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, Sum
from django.utils import timezone

from generations import horizons
from generations.models import (
    TERMINAL,
    Attempt,
    Event,
    Generation,
    Output,
    OutputQuerySet,
    OutputState,
    State,
)
from generations.prepared import GivenKeys, PreparedInsert, PreparedQuery, PreparedUpdate, column
from media.models import Blob
from spend import ledger

MOVES: dict[str, tuple[str, ...]] = {
    State.QUEUED: (State.SUBMITTING, State.COLLECTING, State.UNKNOWN, State.FAILED, State.CANCELLED),
    State.SUBMITTING: (State.SUBMITTED, State.QUEUED, State.UNKNOWN, State.FAILED, State.CANCELLED),
    State.SUBMITTED: (State.COLLECTING, State.NEEDS_DECISION, State.FAILED, State.CANCELLED),
    State.UNKNOWN: (
        State.SUBMITTED,
        State.QUEUED,
        State.NEEDS_DECISION,
        State.FAILED,
        State.CANCELLED,
    ),
    State.NEEDS_DECISION: (State.SUBMITTED, State.QUEUED, State.FAILED),
    State.COLLECTING: (State.SUCCEEDED, State.PARTIAL, State.FAILED, State.CANCELLED),
    State.SUCCEEDED: (State.COLLECTING,),
    State.PARTIAL: (State.COLLECTING,),
    State.FAILED: (State.COLLECTING,),
    State.CANCELLED: (State.COLLECTING,),
}
TRIES = 5
ASKED_TO_STOP = (State.SUBMITTING, State.SUBMITTED, State.UNKNOWN)
WAITING = "Waiting for disk space. Nothing is lost."


@dataclass(frozen=True, slots=True)
class Claim:
    """The right to work on one output until its lease ends; a higher fence takes it away."""

    output_id: int
    generation_id: int
    fence: int


def move(
    generation: Generation,
    new: str,
    *,
    actor: str,
    note: str = "",
    error: str = "",
    also: Mapping[str, object] | None = None,
) -> bool:
    """Move to `new` if the row still stands where `generation` was read, and note it. False: too late.

    `also` are further columns of the same UPDATE.
    """
    if new not in MOVES.get(generation.state, ()):
        raise ValueError(f"A generation does not go from {generation.state} to {new}.")
    old = generation.state
    changes: dict[str, object] = {"state": new, "error": error[:500], "waiting": "", "lease_until": None}
    changes["finished_at"] = timezone.now() if new in TERMINAL else None
    changes |= also or {}
    with transaction.atomic(savepoint=False):
        rows = Generation.objects.filter(pk=generation.pk, state=old, fence=generation.fence)
        if not rows.update(**changes):
            return False
        tell(generation, None, old, new, actor, note or error)
    generation.state = new
    return True


def move_all(moves: Mapping[Generation, str], new: str, *, actor: str, also: Mapping[str, object]) -> None:
    """Move generations that are held in this transaction, each with its note, in one UPDATE.

    Raises ValueError for a move that there is not.
    """
    for generation in moves:
        if new not in MOVES.get(generation.state, ()):
            raise ValueError(f"A generation does not go from {generation.state} to {new}.")
    keys = [generation.pk for generation in moves]
    _moved(tuple(also)).change({"generations": keys, "state": new, **also})
    _EVENTS.add([_told(one, None, one.state, new, actor, note) for one, note in moves.items()])
    for generation in moves:
        generation.state = new


@cache
def _moved(also: tuple[str, ...]) -> PreparedUpdate:
    fixed = {"error": "", "waiting": "", "lease_until": None, "finished_at": None}
    return PreparedUpdate(
        lambda: Generation.objects.filter(pk__in=GivenKeys("generations")),
        lambda: fixed | {name: column(Generation, name) for name in ("state", *also)},
    )


def claim(output_id: int, actor: str) -> Claim | None:
    """Take a pending output whose lease is free. None: nothing to do here."""
    now = timezone.now()
    free = Output.objects.filter(
        Q(lease_until=None) | Q(lease_until__lt=now), pk=output_id, state=OutputState.PENDING
    )
    with transaction.atomic():
        taken = free.filter(generation__state__in=(State.QUEUED, State.COLLECTING)).update(
            fence=F("fence") + 1, tries=F("tries") + 1, lease_until=now + horizons.LEASE
        )
        if not taken:
            return None
        output = Output.objects.select_related("generation").get(pk=output_id)
        if output.generation.state == State.QUEUED and output.generation.is_drawn:
            move(output.generation, State.COLLECTING, actor=actor, note="Drawing began.")
    return Claim(output.pk, output.generation_id, output.fence)


def renew(held: Claim) -> bool:
    return bool(pending(held).update(lease_until=timezone.now() + horizons.LEASE))


def put_off(held: Claim) -> bool:
    """The picture cannot be stored just now: once the lease ends it is taken again, as often as needed.

    The first time it is told, and people see it where the generation is shown.
    """
    if not pending(held).update(tries=0):
        return False
    told = Event.objects.filter(output_id=held.output_id, note=WAITING)
    generation = Generation.objects.filter(pk=held.generation_id).first()
    if generation is not None and not told.exists():
        tell(generation, held.output_id, OutputState.PENDING, OutputState.PENDING, "worker", WAITING)
    return True


def waits_for_disk() -> Exists:
    """For a query of generations: whether a picture that is still to come found no room on the disk."""
    told = Event.objects.filter(generation=OuterRef("pk"), note=WAITING)
    return Exists(told.filter(output__state=OutputState.PENDING))


def store(held: Claim, blob: Blob, actor: str, note: str = "") -> bool:
    """The picture is there; the last one ends its generation in the same transaction."""
    now = timezone.now()
    with transaction.atomic():
        generation = lock(held.generation_id)
        if generation is None:
            return False
        # What is drawn here has the size that was asked for; a provider may have made another.
        size = {} if generation.is_drawn else {"width": blob.width, "height": blob.height}
        stored = pending(held).update(
            state=OutputState.STORED, blob=blob, stored_at=now, lease_until=None, **size
        )
        if not stored:
            return False
        tell(generation, held.output_id, OutputState.PENDING, OutputState.STORED, actor, note)
        finish_if_done(generation, actor)
    return True


def fail(held: Claim, reason: str, actor: str) -> bool:
    """This picture will not come; `reason` is a sentence for people."""
    with transaction.atomic():
        generation = lock(held.generation_id)
        failed = pending(held).update(state=OutputState.FAILED, error=reason[:500], lease_until=None)
        if generation is None or not failed:
            return False
        tell(generation, held.output_id, OutputState.PENDING, OutputState.FAILED, actor, reason)
        finish_if_done(generation, actor)
    return True


def cancel(generation: Generation, actor: str) -> bool:
    """Stop what has not been made yet; pictures that are there stay. False: there is nothing left to stop.

    What is on its way to a provider, or there already, is asked to stop and goes on until the provider says
    how it ended: money is only given back on its word.
    """
    with transaction.atomic():
        locked = lock(generation.pk)
        if locked is None or locked.is_finished:
            return False
        if locked.state == State.QUEUED or locked.is_drawn:
            _stop(locked, actor)
            return True
        if locked.state not in ASKED_TO_STOP or locked.cancel_requested_at is not None:
            return False
        Generation.objects.filter(pk=locked.pk).update(cancel_requested_at=timezone.now())
        tell(locked, None, locked.state, locked.state, actor, "Asked to stop. It may still finish and cost.")
    return True


def _stop(generation: Generation, actor: str) -> None:
    """Nothing was sent or will be: what is pending ends here."""
    Generation.objects.filter(pk=generation.pk).update(cancel_requested_at=timezone.now())
    made = generation.outputs.filter(state=OutputState.STORED).exists()
    if made:
        end(generation, State.PARTIAL, actor, "Cancelled; the pictures already made stay.")
    else:
        end(generation, State.CANCELLED, actor, "Cancelled before it was sent or made, $0.")


def end(generation: Generation, state: str, actor: str, note: str = "", error: str = "") -> bool:
    """End it with the pictures that are there; call inside a transaction. False: somebody else moved it."""
    if not move(generation, state, actor=actor, note=note, error=error):
        return False
    reason = error or ("Cancelled before it was made." if state != State.FAILED else "")
    left = Output.objects.filter(generation=generation, state=OutputState.PENDING)
    left.update(state=OutputState.FAILED, error=reason[:500], lease_until=None)
    close_account(generation)
    return True


def lock(generation_id: int) -> Generation | None:
    """The row, held until the transaction ends: of two last pictures one must see the other.

    None: it was deleted with its project.
    """
    return next(iter(Generation.objects.select_for_update().filter(pk=generation_id)), None)


def lock_all(generation_ids: Collection[int]) -> dict[int, Generation]:
    """Several rows, held likewise, always in the same order; without those that are gone."""
    return {generation.pk: generation for generation in _HELD.rows({"generations": generation_ids})}


# What is asked of an attempt: reading all columns of three wide rows takes twice as long.
_ATTEMPT = (
    "uuid",
    "route",
    "outcome",
    "remote_id",
    "urls",
    "looks",
    "due_at",
    "sent_at",
    "is_done",
    "is_late",
    "reason",
)
_GENERATION = (
    *("uuid", "project_id", "user_id", "model", "route", "endpoint", "state", "fence", "waiting", "request"),
    *("count", "seed", "width", "height", "created_at", "estimate_micro_usd", "cost_micro_usd"),
)
_CREDENTIAL = ("hooked_at", "failures", "closed_until", "allowance", "at_once")
_HELD = PreparedQuery(
    lambda: (
        Generation.objects.filter(pk__in=GivenKeys("generations"))
        .only(*_GENERATION)
        .order_by("pk")
        .select_for_update()
    )
)
_HELD_ATTEMPTS = PreparedQuery(
    lambda: (
        Attempt.objects.filter(pk__in=GivenKeys("attempts"))
        .select_related("generation", "credential")
        .only(
            *_ATTEMPT,
            *(f"generation__{name}" for name in _GENERATION),
            *(f"credential__{name}" for name in _CREDENTIAL),
        )
        .order_by("generation")
        .select_for_update(of=("generation", "self"))
    )
)


def attempt_of(attempt_id: int) -> Attempt | None:
    """An attempt with its generation and its key, the first two held until the transaction ends."""
    return next(iter(attempts_of([attempt_id])), None)


def attempts_of(attempt_ids: Collection[int]) -> list[Attempt]:
    """Several of them, held always in the same order."""
    return _HELD_ATTEMPTS.rows({"attempts": attempt_ids})


def pending(held: Claim) -> OutputQuerySet:
    return Output.objects.filter(pk=held.output_id, fence=held.fence, state=OutputState.PENDING)


def finish_if_done(generation: Generation, actor: str) -> None:
    places = list(generation.outputs.values_list("state", "attempt"))
    states = [state for state, _ in places]
    if OutputState.PENDING in states or generation.state != State.COLLECTING:
        return
    made = states.count(OutputState.STORED)
    # What came late lies beside the places that were given up; what comes on top counts as well.
    wanted = max(generation.count, sum(attempt is not None for _, attempt in places))
    if made == wanted:
        move(generation, State.SUCCEEDED, actor=actor)
    elif made:
        move(generation, State.PARTIAL, actor=actor, note=f"{made} of {wanted} pictures were made.")
    else:
        first = generation.outputs.filter(state=OutputState.FAILED).order_by("index").first()
        move(generation, State.FAILED, actor=actor, error=first.error if first else "")
    close_account(generation)


def close_account(generation: Generation) -> None:
    """Exactly one settle or release, in the transaction that ends the generation; what is learnt later is an
    adjustment. The figure is what its attempts were charged by the provider's word."""
    account = ledger.Account(
        generation.uuid, generation.project_id, generation.user_id, generation.model, generation.route
    )
    costs = generation.attempts.aggregate(total=Sum("cost_micro_usd"))["total"] or 0
    before = generation.cost_micro_usd
    if before is not None:
        if costs != before:
            ledger.adjust(account, costs - before, "Paid pictures turned up later.")
    elif costs or generation.outputs.filter(state=OutputState.STORED).exists():
        ledger.settle(account, costs)
    else:
        ledger.release(account)
    Generation.objects.filter(pk=generation.pk).update(cost_micro_usd=costs)
    generation.cost_micro_usd = costs


def tell(generation: Generation, output_id: int | None, old: str, new: str, actor: str, note: str) -> None:
    _EVENTS.add([_told(generation, output_id, old, new, actor, note)])


_EVENTS = PreparedInsert(
    Event, "project_id", "generation_id", "output_id", "from_state", "to_state", "actor", "note", "at"
)


def _told(
    generation: Generation, output_id: int | None, old: str, new: str, actor: str, note: str
) -> dict[str, object]:
    return {
        "project_id": generation.project_id,
        "generation_id": generation.pk,
        "output_id": output_id,
        "from_state": old,
        "to_state": new,
        "actor": actor,
        "note": note[:500],
        "at": timezone.now(),
    }
