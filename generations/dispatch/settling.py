"""Looking for sendings whose answer got lost: by a webhook, by asking, by posting the same once more."""

import logging

from generations import attempts, packages, unknowns
from generations.dispatch import sending
from generations.dispatch.database import change, read
from generations.dispatch.desk import Desk, Speaker
from generations.models import Attempt
from providers.base import Accepted, JobRef, NotFound, SentAttempt, Stage, Unclear
from providers.faultpoints import faultpoint

log = logging.getLogger(__name__)


async def settle(desk: Desk, attempt: Attempt) -> None:
    """One look for a lost attempt; its rows say what came of it."""
    speaker = desk.speaker(attempt.credential_id)
    if speaker is None:
        return
    found = await _hooked(speaker, attempt) or await speaker.provider.find(await _sent(attempt))
    faultpoint("recon.after_evidence")
    if isinstance(found, Accepted):
        if not await change(attempts.bind, attempt.pk, found):
            await change(unknowns.look_later, attempt.pk, "what was found is another order's")
    elif isinstance(found, NotFound) and found.proof:
        await change(unknowns.not_found, attempt.pk, found)
    elif again := await change(unknowns.post_again, attempt):
        await change(unknowns.record_again, again, await sending.post_again(speaker, attempt, again))
    else:
        await change(unknowns.look_later, attempt.pk, found.reason)


async def _hooked(speaker: Speaker, attempt: Attempt) -> Accepted | None:
    """The job that a webhook at this attempt's own address named, if the provider knows it as ours."""
    named = {event.remote_id for event in attempt.hooks.all() if event.remote_id}
    for remote_id in sorted(named):
        one = JobRef(
            remote_id, packages.endpoint_of(attempt), str(attempt.uuid), {}, attempt.generation.count
        )
        progress = (await speaker.provider.poll([one])).get(one)
        if progress is not None and progress.stage != Stage.MISSING:
            return Accepted(remote_id)
    return None


async def _sent(attempt: Attempt) -> SentAttempt:
    others = await read(unknowns.others, attempt)
    return SentAttempt(
        attempt=str(attempt.uuid),
        endpoint=packages.endpoint_of(attempt),
        body=attempt.body,
        sent_at=attempt.sent_at,
        bound=others.bound,
        like=others.like,
    )


async def lost(attempt_id: int) -> None:
    """Its sender was never heard of again: it may have been posted or not."""
    await change(attempts.unclear, attempt_id, Unclear("the dispatcher stopped while it was sent"))
