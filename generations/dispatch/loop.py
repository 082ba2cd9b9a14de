"""The dispatcher's loop: looks at the rows whenever somebody committed, and sets everything due to work."""

import asyncio
import logging
import time
from collections import defaultdict
from collections.abc import Iterable

from django.db import DatabaseError, connection
from django.utils import timezone

from generations import agenda, attempts, horizons, pipeline
from generations.agenda import Agenda, Room
from generations.dispatch import checking, collecting, errands, sending, settling
from generations.dispatch.desk import CHECKING_MOST, FETCHING_MOST, SENDING_MOST, Desk, rows
from generations.models import Attempt

log = logging.getLogger(__name__)
GLANCE = 0.025  # seconds between two glances at whether anybody committed
IDLE = {"sqlite": 1.0, "postgresql": 0.1}  # without any sign the rows are looked at so often
DRAIN = 10.0
RENEW_EVERY = horizons.LEASE.total_seconds() / 3


async def run(stop: asyncio.Event) -> None:
    """Work until told to stop, then let what is under way finish for a while."""
    desk = Desk()
    keeper = asyncio.create_task(_keep_leases(desk))
    try:
        while not stop.is_set():
            next_at = await _look_safely(desk)
            await _rest(desk, stop, next_at)
    finally:
        keeper.cancel()
        await desk.close(DRAIN * min(1.0, horizons.SCALE))


async def _look_safely(desk: Desk) -> float:
    """Set due work going; answers how many seconds may pass until the next look."""
    try:
        found = await rows(agenda.look, _room(desk))
    except DatabaseError as error:
        log.warning("The database did not answer: %s", error)
        return _idle()
    desk.learn(found.keys)
    _set_to_work(desk, found)
    if found.next_at is None:
        return _idle()
    return min(_idle(), max(0.0, (found.next_at - timezone.now()).total_seconds()))


def _idle() -> float:
    return IDLE[connection.vendor] * min(1.0, max(horizons.SCALE, 0.1))


def _room(desk: Desk) -> Room:
    return Room(
        orders=SENDING_MOST - len(desk.tickets),
        checks=500 if desk.checks < CHECKING_MOST else 0,
        fetches=FETCHING_MOST - len(desk.fetches),
    )


def _set_to_work(desk: Desk, found: Agenda) -> None:
    for ticket in found.orders:
        desk.begin(sending.send(desk, ticket))
    for credential_id, due in _by_account(found.checks).items():
        desk.begin(checking.check(desk, credential_id, due))
    for attempt_id in found.lost:
        desk.begin(settling.lost(attempt_id))
    for attempt in found.unknown:
        desk.begin(settling.settle(desk, attempt))
    for attempt in found.stops:
        desk.begin(checking.stop(desk, attempt))
    for wanted in found.wanted:
        desk.begin(collecting.fetch(desk, wanted))
    for key in found.tests:
        desk.once(("test", key.pk), errands.test_key(desk, key))
    for key in found.unsigned:
        desk.once(("keys", key.pk), errands.learn_hook_keys(desk, key))
    for key in found.unbilled:
        desk.once(("bill", key.pk), errands.read_bill(desk, key))
    if found.has_wishes:
        desk.once(("wishes", 0), errands.fetch_references(desk))
    for copy in found.copies:
        desk.once(("forget", copy.pk), errands.forget(desk, copy))


def _by_account(due: Iterable[Attempt]) -> dict[int, list[Attempt]]:
    grouped: dict[int, list[Attempt]] = defaultdict(list)
    for attempt in due:
        if attempt.credential_id is not None:
            grouped[attempt.credential_id].append(attempt)
    return grouped


async def _rest(desk: Desk, stop: asyncio.Event, seconds: float) -> None:
    """Until something finished here, somebody committed elsewhere, or the time is over."""
    until = time.monotonic() + seconds
    version = await _version()
    while not stop.is_set():
        try:
            await asyncio.wait_for(desk.stir.wait(), GLANCE)
        except TimeoutError:
            pass
        else:
            desk.stir.clear()
            return
        if time.monotonic() >= until or (version is not None and await _version() != version):
            return


async def _version() -> int | None:
    """A number that changes with every commit of another process; None where there is no such number."""
    if connection.vendor != "sqlite":
        return None
    try:
        return await rows(_data_version)
    except DatabaseError:
        return None


def _data_version() -> int:
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA data_version")
        return int(cursor.fetchone()[0])


async def _keep_leases(desk: Desk) -> None:
    """Renew what is prepared or fetched here."""
    while True:
        await asyncio.sleep(RENEW_EVERY)
        try:
            await rows(_renew, list(desk.tickets), list(desk.fetches))
        except DatabaseError as error:
            log.warning("Leases were not renewed and will be tried again: %s", error)


def _renew(tickets: list[attempts.Ticket], fetches: list[pipeline.Claim]) -> None:
    attempts.renew(tickets)
    for held in fetches:
        pipeline.renew(held)
