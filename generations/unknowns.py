"""Sendings whose outcome nobody knows: looked for until evidence, proof, or a person settles them."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from accounts.models import User
from generations import attempts, horizons, pipeline
from generations.attempts import ACTOR, Sending
from generations.models import Attempt, Generation, Outcome, State
from generations.prepared import PreparedQuery, moment
from generations.tickets import Ticket
from media import epoch
from providers.base import Accepted, Blame, NotFound, NotReached, Refused, Submitted
from providers.registry import REFUSES_TWINS

LOST = (Outcome.UNKNOWN, Outcome.ABANDONED, Outcome.VOID)
BY_WORD = "A person says that it ran."
DOUBTED_AFTER = 3  # looks in vain
AT_ONCE = 20


@dataclass(frozen=True, slots=True)
class Others:
    """Jobs that are other attempts', by whichever key, since two may be of one account; and when those of the
    same key and body were sent that are not known either."""

    bound: frozenset[str]
    like: tuple[datetime, ...]


def due(now: datetime) -> list[Attempt]:
    """Attempts to look for, taken so that no other dispatcher looks as well."""
    found = _DUE.rows({"now": now})
    if found:
        taken = Attempt.objects.filter(pk__in=[one.pk for one in found])
        taken.update(due_at=now + horizons.LOOK_SLOWLY)
    return found


_DUE = PreparedQuery(
    lambda: (
        Attempt.objects.filter(due_at__lte=moment("now"), outcome__in=LOST, credential__isnull=False)
        .select_related("generation")
        .prefetch_related("hooks")
        .order_by("due_at")[:AT_ONCE]
    )
)


def others(attempt: Attempt) -> Others:
    """What is known of other attempts on this route, read at once: one that is bound meanwhile would else be
    counted with those that are not known, and a stranger's job be taken for it."""
    alike = Q(
        credential=attempt.credential_id,
        body_sha256=attempt.body_sha256,
        generation__endpoint=attempt.generation.endpoint,
        outcome__in=(Outcome.UNKNOWN, Outcome.ABANDONED),
        remote_id="",
    )
    since = attempt.sent_at - horizons.DECIDE
    rows = Attempt.objects.filter(~Q(remote_id="") | alike, route=attempt.route, sent_at__gte=since)
    found = list(rows.exclude(pk=attempt.pk).values_list("remote_id", "sent_at"))
    return Others(
        bound=frozenset(remote_id for remote_id, _ in found if remote_id),
        like=tuple(sent_at for remote_id, sent_at in found if not remote_id),
    )


def not_found(attempt_id: int, answer: NotFound) -> None:
    """Nothing was found. Only a proof lets another attempt go; otherwise it is looked for again."""
    if not answer.proof:
        look_later(attempt_id, answer.reason)
        return
    rows = Attempt.objects.filter(pk=attempt_id, outcome__in=(Outcome.UNKNOWN, Outcome.ABANDONED))
    if not rows.update(outcome=Outcome.VOID, reason=answer.reason[:500], due_at=None, is_done=True):
        Attempt.objects.filter(pk=attempt_id, outcome=Outcome.VOID).update(due_at=None)
        return
    generation = Generation.objects.filter(attempts=attempt_id).first()
    if generation is None or generation.state not in (State.UNKNOWN, State.NEEDS_DECISION):
        return
    if not _living(generation):
        attempts.queue_again(generation, f"It never arrived: {answer.reason}.", timedelta())


def look_later(attempt_id: int, reason: str) -> None:
    """Still not known. After the horizon a person decides; it is looked for all the same, more slowly."""
    now = timezone.now()
    with transaction.atomic():
        attempt = Attempt.objects.select_related("generation").filter(pk=attempt_id, outcome__in=LOST).first()
        if attempt is None:
            return
        age = now - attempt.sent_at
        again = None if age > horizons.FORGOTTEN else now + horizons.next_look(attempt.looks + 1)
        if attempt.outcome == Outcome.VOID:
            again = None
        Attempt.objects.filter(pk=attempt.pk).update(due_at=again, looks=F("looks") + 1, reason=reason[:500])
        if age > horizons.DECIDE and attempt.generation.state == State.UNKNOWN:
            said = f"Nobody can tell whether it was accepted ({reason}). Somebody has to decide."
            pipeline.move(attempt.generation, State.NEEDS_DECISION, actor=ACTOR, note=said)


def post_again(attempt: Attempt) -> Sending | None:
    """The right to post the very same attempt once more: only where the provider refuses a second order under
    the same number, and only as long as it does. None: not here or not now. An attempt that is only presumed,
    after a restore, has no body to post."""
    age = timezone.now() - attempt.sent_at
    in_time = horizons.REPOST_FROM <= age <= horizons.REPOST_UNTIL
    if attempt.route not in REFUSES_TWINS or attempt.outcome != Outcome.UNKNOWN or not in_time:
        return None
    if not attempt.body or epoch.held():
        return None
    rows = Attempt.objects.filter(pk=attempt.pk, outcome=Outcome.UNKNOWN, posts=attempt.posts)
    if not rows.update(posts=F("posts") + 1):
        return None
    generation = attempt.generation
    ticket = Ticket(generation.pk, generation.fence, attempt.credential_id or 0)
    pipeline.tell(
        generation,
        None,
        generation.state,
        generation.state,
        ACTOR,
        "Asked by sending the same order again: a second one is refused there.",
    )
    return Sending(attempt.pk, ticket)


def record_again(sending: Sending, answer: Submitted) -> None:
    """The answer to the same attempt posted once more; what is no answer changes nothing.

    Nor does a refusal that says nothing of the order: the first post may have been taken all the same.
    """
    if isinstance(answer, Accepted) or (
        isinstance(answer, Refused) and answer.blame in (Blame.ORDER, Blame.POLICY)
    ):
        attempts.record(sending, answer)
    elif isinstance(answer, Refused):
        attempts.pause(sending.ticket.credential_id, None, answer)
        look_later(sending.attempt_id, answer.sentence)
    else:
        reason = answer.reason
        look_later(
            sending.attempt_id,
            f"could not be reached: {reason}" if isinstance(answer, NotReached) else reason,
        )


def send_again(generation: Generation, user: User) -> bool:
    """A person accepts that it may cost twice. False: it was settled meanwhile."""
    with transaction.atomic():
        locked = _undecided(generation)
        if locked is None:
            return False
        _abandon(locked)
        Generation.objects.filter(pk=locked.pk).update(cancel_requested_at=None)
        note = f"Sent again by {user.name}, who was told that it may cost twice."
        return pipeline.move(locked, State.QUEUED, actor=user.name, note=note)


def give_up(generation: Generation, user: User) -> bool:
    """A person writes it off. Should its pictures turn up, they are kept and paid for."""
    with transaction.atomic():
        locked = _undecided(generation)
        if locked is None:
            return False
        _abandon(locked)
        said = "Given up: nobody could tell whether it was accepted. If its pictures turn up, they are kept."
        return pipeline.end(locked, State.FAILED, user.name, error=said)


def it_ran(generation: Generation, remote_id: str, user: User) -> bool:
    """A person has found it in the provider's own list. False: settled meanwhile, or another attempt's."""
    attempt = generation.attempts.filter(outcome=Outcome.UNKNOWN).first()
    if attempt is None or generation.state != State.NEEDS_DECISION:
        return False
    note = f"{user.name} says it ran as {remote_id}."
    with transaction.atomic():
        pipeline.tell(generation, None, generation.state, generation.state, user.name, note)
        is_bound = attempts.bind(attempt.pk, Accepted(remote_id))
        if is_bound:
            Attempt.objects.filter(pk=attempt.pk).update(reason=BY_WORD)
        else:
            transaction.set_rollback(True)  # nor does the history keep a number that is another's
    return is_bound


def is_doubtful(attempt: Attempt) -> bool:
    """Whether a person named its job, which the provider has not known a few times now."""
    return attempt.reason == BY_WORD and attempt.looks >= DOUBTED_AFTER


def doubt(attempt: Attempt) -> None:
    """The number was wrong: the attempt is as unknown as before, and somebody has to decide anew."""
    said = f"The provider does not know {attempt.remote_id}. Somebody has to decide again."
    Attempt.objects.filter(pk=attempt.pk).update(
        outcome=Outcome.UNKNOWN,
        remote_id="",
        urls={},
        reason=said[:500],
        due_at=timezone.now() + horizons.LOOK_SLOWLY,
    )
    pipeline.move(attempt.generation, State.NEEDS_DECISION, actor=ACTOR, note=said)


def _abandon(generation: Generation) -> None:
    """Its attempt stands for nobody any more; one that is not known is still looked for."""
    generation.attempts.filter(outcome=Outcome.ACCEPTED, is_late=False).update(is_late=True)
    generation.attempts.filter(outcome=Outcome.UNKNOWN).update(
        outcome=Outcome.ABANDONED, due_at=timezone.now() + horizons.LOOK_SLOWLY
    )


def _undecided(generation: Generation) -> Generation | None:
    locked = pipeline.lock(generation.pk)
    return locked if locked is not None and locked.state == State.NEEDS_DECISION else None


def _living(generation: Generation) -> bool:
    return generation.attempts.filter(
        outcome__in=(Outcome.NONE, Outcome.ACCEPTED, Outcome.UNKNOWN), is_late=False
    ).exists()
