"""The life of a generation: the one place that moves states, and what each move brings with it.

    queued -> collecting -> succeeded | partial | failed
    queued, collecting -> cancelled

Drawing is free, so a drawn generation is never *submitting* and never *unknown*: an output whose lease ran
out is taken again under a higher fence. Every move is one conditional UPDATE; whoever changes no row lost and
stops.
"""

from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q
from django.utils import timezone

from generations.models import TERMINAL, Event, Generation, Output, OutputQuerySet, OutputState, State
from media.models import Blob
from spend import ledger

MOVES: dict[str, tuple[str, ...]] = {
    State.QUEUED: (State.COLLECTING, State.CANCELLED),
    State.COLLECTING: (State.SUCCEEDED, State.PARTIAL, State.FAILED, State.CANCELLED),
}
LEASE = timedelta(seconds=15 * settings.HORIZON_SCALE)
TRIES = 5
WAITING = "Waiting for disk space. Nothing is lost."


@dataclass(frozen=True, slots=True)
class Claim:
    """The right to work on one output until its lease ends; a higher fence takes it away."""

    output_id: int
    generation_id: int
    fence: int


def move(generation: Generation, new: str, *, actor: str, note: str = "", error: str = "") -> bool:
    """Move to `new` if the row still stands where `generation` was read, and note it. False: too late."""
    if new not in MOVES.get(generation.state, ()):
        raise ValueError(f"A generation does not go from {generation.state} to {new}.")
    old = generation.state
    changes: dict[str, object] = {"state": new, "error": error[:500]}
    if new in TERMINAL:
        changes["finished_at"] = timezone.now()
    with transaction.atomic():
        if not Generation.objects.filter(pk=generation.pk, state=old).update(**changes):
            return False
        _tell(generation, None, old, new, actor, note or error)
    generation.state = new
    return True


def claim(output_id: int, actor: str) -> Claim | None:
    """Take a pending output whose lease is free. None: nothing to do here."""
    now = timezone.now()
    free = Output.objects.filter(
        Q(lease_until=None) | Q(lease_until__lt=now), pk=output_id, state=OutputState.PENDING
    )
    with transaction.atomic():
        taken = free.filter(generation__state__in=(State.QUEUED, State.COLLECTING)).update(
            fence=F("fence") + 1, tries=F("tries") + 1, lease_until=now + LEASE
        )
        if not taken:
            return None
        output = Output.objects.select_related("generation").get(pk=output_id)
        if output.generation.state == State.QUEUED:
            move(output.generation, State.COLLECTING, actor=actor, note="Drawing began.")
    return Claim(output.pk, output.generation_id, output.fence)


def renew(held: Claim) -> bool:
    return bool(_held(held).update(lease_until=timezone.now() + LEASE))


def put_off(held: Claim) -> bool:
    """The picture cannot be stored just now: once the lease ends it is taken again, as often as needed.

    The first time it is told, and people see it where the generation is shown.
    """
    if not _held(held).update(tries=0):
        return False
    told = Event.objects.filter(output_id=held.output_id, note=WAITING)
    generation = Generation.objects.filter(pk=held.generation_id).first()
    if generation is not None and not told.exists():
        _tell(generation, held.output_id, OutputState.PENDING, OutputState.PENDING, "worker", WAITING)
    return True


def waits_for_disk() -> Exists:
    """For a query of generations: whether a picture that is still to come found no room on the disk."""
    told = Event.objects.filter(generation=OuterRef("pk"), note=WAITING)
    return Exists(told.filter(output__state=OutputState.PENDING))


def store(held: Claim, blob: Blob, actor: str, note: str = "") -> bool:
    """The picture is there; the last one ends its generation in the same transaction."""
    now = timezone.now()
    with transaction.atomic():
        generation = _lock(held.generation_id)
        if generation is None:
            return False
        stored = _held(held).update(state=OutputState.STORED, blob=blob, stored_at=now, lease_until=None)
        if not stored:
            return False
        _tell(generation, held.output_id, OutputState.PENDING, OutputState.STORED, actor, note)
        _finish_if_done(generation, actor)
    return True


def fail(held: Claim, reason: str, actor: str) -> bool:
    """This picture will not come; `reason` is a sentence for people."""
    with transaction.atomic():
        generation = _lock(held.generation_id)
        failed = _held(held).update(state=OutputState.FAILED, error=reason[:500], lease_until=None)
        if generation is None or not failed:
            return False
        _tell(generation, held.output_id, OutputState.PENDING, OutputState.FAILED, actor, reason)
        _finish_if_done(generation, actor)
    return True


def cancel(generation: Generation, actor: str) -> bool:
    """Stop what has not been made yet; pictures that are there stay. False: it had already ended."""
    with transaction.atomic():
        locked = _lock(generation.pk)
        if locked is None or locked.state not in (State.QUEUED, State.COLLECTING):
            return False
        generation = locked
        Generation.objects.filter(pk=generation.pk).update(cancel_requested_at=timezone.now())
        pending = Output.objects.filter(generation=generation, state=OutputState.PENDING)
        pending.update(state=OutputState.FAILED, error="Cancelled before it was made.", lease_until=None)
        made = generation.outputs.filter(state=OutputState.STORED).exists()
        if made:
            move(generation, State.PARTIAL, actor=actor, note="Cancelled; the pictures already made stay.")
        else:
            move(generation, State.CANCELLED, actor=actor, note="Cancelled before a picture was made.")
        _close_account(generation, made=made)
    return True


def _lock(generation_id: int) -> Generation | None:
    """The row, held until the transaction ends: of two last pictures one must see the other.

    None: it was deleted with its project.
    """
    return Generation.objects.select_for_update().filter(pk=generation_id).first()


def _held(held: Claim) -> OutputQuerySet:
    return Output.objects.filter(pk=held.output_id, fence=held.fence, state=OutputState.PENDING)


def _finish_if_done(generation: Generation, actor: str) -> None:
    states = list(generation.outputs.values_list("state", flat=True))
    if OutputState.PENDING in states or generation.state != State.COLLECTING:
        return
    made = states.count(OutputState.STORED)
    if made == len(states):
        move(generation, State.SUCCEEDED, actor=actor)
    elif made:
        move(generation, State.PARTIAL, actor=actor, note=f"{made} of {len(states)} pictures were made.")
    else:
        first = generation.outputs.filter(state=OutputState.FAILED).order_by("index").first()
        move(generation, State.FAILED, actor=actor, error=first.error if first else "")
    _close_account(generation, made=bool(made))


def _close_account(generation: Generation, *, made: bool) -> None:
    """Exactly one settle or release, in the transaction that ends the generation. Drawing costs nothing."""
    account = ledger.Account(
        generation.uuid, generation.project_id, generation.user_id, generation.model, generation.route
    )
    if made:
        ledger.settle(account, 0)
    else:
        ledger.release(account)
    Generation.objects.filter(pk=generation.pk).update(cost_micro_usd=0)


def _tell(generation: Generation, output_id: int | None, old: str, new: str, actor: str, note: str) -> None:
    Event.objects.create(
        project_id=generation.project_id,
        generation=generation,
        output_id=output_id,
        from_state=old,
        to_state=new,
        actor=actor,
        note=note[:500],
    )
