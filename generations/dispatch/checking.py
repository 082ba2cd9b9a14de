"""Asking providers where accepted orders stand, many at a time; and telling them to stop."""

from collections.abc import Mapping, Sequence
from itertools import batched

from django.utils import timezone

from generations import packages, results
from generations.dispatch import collecting
from generations.dispatch.database import change, change_many
from generations.dispatch.desk import Desk, Speaker
from generations.models import Attempt
from generations.results import Told, Unheard
from providers.base import CancelOutcome, JobRef, Progress, Stage
from providers.faultpoints import faultpoint

AT_ONCE = 50


async def check(desk: Desk, credential_id: int, found: Sequence[Attempt]) -> None:
    """Ask about accepted attempts of one account and take over what it says."""
    speaker = desk.speaker(credential_id)
    if speaker is None:
        return
    asked = {attempt.pk for attempt in found}
    desk.asking |= asked
    try:
        for part in batched(found, AT_ONCE, strict=False):
            await _check(desk, speaker, part)
    finally:
        desk.asking -= asked


async def _check(desk: Desk, speaker: Speaker, found: Sequence[Attempt]) -> None:
    account = speaker.account.number
    jobs = {job(attempt): attempt for attempt in desk.silence.to_ask(account, found)}
    told = await speaker.provider.poll(list(jobs)) if jobs else {}
    faultpoint("poll.after_response")
    speaks_again = bool(jobs) and desk.silence.heard(account, is_answered=bool(told))
    _learn(desk, jobs, told)
    answered = {jobs[one]: progress for one, progress in told.items()}
    unanswered = [attempt for attempt in found if attempt not in answered]
    silence = Unheard(unanswered, desk.silence.wait(account), desk.silence.is_lasting(account))
    wanted = await change_many(results.apply_all, Told(list(answered.items()), silence, desk.fetches_more))
    faultpoint("poll.after_commit")
    for one in wanted:
        desk.begin(collecting.fetch(desk, one))
    if speaks_again:
        await change(results.ask_now, account)


def _learn(desk: Desk, jobs: Mapping[JobRef, Attempt], told: Mapping[JobRef, Progress]) -> None:
    """How long jobs take, so that the next ones are not asked about too early."""
    now = timezone.now()
    for one, progress in told.items():
        if progress.stage is Stage.DONE and not jobs[one].is_done:
            desk.pace.note(one.endpoint.key, now - jobs[one].sent_at)


def job(attempt: Attempt) -> JobRef:
    return JobRef(
        remote_id=attempt.remote_id,
        endpoint=packages.endpoint_of(attempt),
        attempt=str(attempt.uuid),
        urls=attempt.urls,
        count=attempt.generation.count,
        is_hooked=attempt.hooked_at is not None,
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
