"""After a restore: what a database from a backup believes to be still to send may have been sent since.

Every such order is looked for under the number that its next attempt would have had. What is found goes on;
what is proven never to have arrived stays queued; for the rest a person decides.
"""

from dataclasses import dataclass
from uuid import UUID

from asgiref.sync import async_to_sync
from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from generations import attempts, horizons, packages, pipeline, unknowns
from generations.dispatch.database import change
from generations.dispatch.desk import Desk
from generations.models import Attempt, Generation, Outcome, State
from providers.base import Accepted, NotFound, SentAttempt, Unclear
from routes import accounts
from routes.models import Credential

ACTOR = "after restore"


@dataclass(frozen=True, slots=True)
class Line:
    """What became of one open order. `state` is where it stands now, `said` a sentence."""

    generation: UUID
    project: str
    route: str
    state: str
    said: str


@dataclass(frozen=True, slots=True)
class Report:
    lines: tuple[Line, ...]


def settle_open() -> Report:
    """Settle every open order of a paid route, asking its provider. Nothing is sent here."""
    paid = Generation.objects.open().exclude(route="draft").order_by("pk")
    keys = list(Credential.objects.exclude(sealed=""))
    lines = async_to_sync(_settle)(list(paid.select_related("project", "credential")), keys)
    return Report(tuple(lines))


async def _settle(found: list[Generation], keys: list[Credential]) -> list[Line]:
    desk = Desk()
    desk.learn(keys)
    try:
        return [await _one(desk, generation) for generation in found]
    finally:
        await desk.close(0)


async def _one(desk: Desk, generation: Generation) -> Line:
    if generation.state == State.QUEUED:
        said = await _queued(desk, generation)
    elif generation.state == State.SUBMITTING:
        said = await change(_sent, generation)
    else:
        said = "It goes on: the provider is asked about it."
    return await change(_line, generation, said)


def _line(generation: Generation, said: str) -> Line:
    generation.refresh_from_db()
    return Line(generation.uuid, generation.project.slug, generation.route, generation.state, said)


async def _queued(desk: Desk, generation: Generation) -> str:
    """It waited to be sent when the backup was made."""
    attempt = await change(_presumed, generation)
    if attempt is None:
        return "Somebody else has moved it."
    speaker = desk.speaker(attempt.credential_id)
    answer = await speaker.provider.find(_as_sent(attempt)) if speaker else Unclear("there is no key")
    if isinstance(answer, Accepted):
        await change(attempts.bind, attempt.pk, answer)
        return f"It was sent after the backup, as {answer.remote_id}. Its pictures will be fetched."
    if isinstance(answer, NotFound) and answer.proof:
        await change(unknowns.not_found, attempt.pk, answer)
        return "It was never sent, and stays queued."
    await change(_keep_looking, attempt)
    return f"It may have been sent since ({answer.reason}). It is looked for; in the end somebody decides."


def _presumed(generation: Generation) -> Attempt | None:
    """The attempt that may have been made after the backup, under the number it would have had."""
    with transaction.atomic():
        locked = pipeline.lock(generation.pk)
        if locked is None or locked.state != State.QUEUED:
            return None
        key = generation.credential or accounts.usable(generation.project).get(generation.route)
        number = (generation.attempts.aggregate(last=Max("number"))["last"] or 0) + 1
        note = "Restored from a backup: it may have been sent since."
        pipeline.move(locked, State.UNKNOWN, actor=ACTOR, note=note)
        return Attempt.objects.create(
            uuid=attempts.number_of(generation.uuid, number),
            generation=locked,
            number=number,
            credential=key,
            route=generation.route,
            outcome=Outcome.UNKNOWN,
            body={},
            body_sha256="",
            sent_at=generation.created_at,
            reason="It was queued when the backup was made.",
        )


def _as_sent(attempt: Attempt) -> SentAttempt:
    return SentAttempt(str(attempt.uuid), packages.endpoint_of(attempt), attempt.body, attempt.sent_at)


def _keep_looking(attempt: Attempt) -> None:
    Attempt.objects.filter(pk=attempt.pk).update(due_at=timezone.now() + horizons.next_look(0))


def _sent(generation: Generation) -> str:
    attempt = generation.attempts.filter(outcome=Outcome.NONE).first()
    if attempt is not None:
        attempts.unclear(attempt.pk, Unclear("it was being sent when the backup was made"))
    return "It was being sent. It is looked for, and not sent again without proof."
