"""Asking providers where accepted orders stand, many at a time; and telling them to stop."""

from collections.abc import Sequence
from itertools import batched

from generations import packages, results
from generations.dispatch.database import change
from generations.dispatch.desk import Desk, Speaker
from generations.models import Attempt
from providers.base import CancelOutcome, JobRef
from providers.faultpoints import faultpoint

AT_ONCE = 50


async def check(desk: Desk, credential_id: int, found: Sequence[Attempt]) -> None:
    """Ask about accepted attempts of one account and take over what it says."""
    desk.checks += 1
    try:
        speaker = desk.speaker(credential_id)
        if speaker is not None:
            for part in batched(found, AT_ONCE, strict=False):
                await _check(speaker, part)
    finally:
        desk.checks -= 1


async def _check(speaker: Speaker, found: Sequence[Attempt]) -> None:
    jobs = {job(attempt): attempt for attempt in found}
    told = await speaker.provider.poll(list(jobs))
    faultpoint("poll.after_response")
    unanswered = [attempt for one, attempt in jobs.items() if one not in told]
    await change(results.apply_all, [(jobs[one], progress) for one, progress in told.items()], unanswered)
    faultpoint("poll.after_commit")


def job(attempt: Attempt) -> JobRef:
    return JobRef(
        remote_id=attempt.remote_id,
        endpoint=packages.endpoint_of(attempt),
        attempt=str(attempt.uuid),
        urls=attempt.urls,
        count=attempt.generation.count,
    )


async def stop(desk: Desk, attempt: Attempt) -> None:
    """Ask the provider to stop it. Only asking where it stands tells whether it did."""
    speaker = desk.speaker(attempt.credential_id)
    if speaker is None:
        return
    outcome = await speaker.provider.cancel(job(attempt))
    faultpoint("cancel.after_call")
    if isinstance(outcome, CancelOutcome):
        await change(results.stop_asked, attempt.pk, outcome)
