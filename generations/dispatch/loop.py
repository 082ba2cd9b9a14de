"""The dispatcher's loop: looks at the rows whenever somebody committed, and sets everything due to work."""

import asyncio
import logging
import time
from collections import defaultdict
from collections.abc import Awaitable, Iterable
from contextlib import suppress

from django.db import DatabaseError, connection
from django.utils import timezone

from generations import agenda, attempts, horizons, pipeline
from generations.agenda import Chores, Room
from generations.dispatch import checking, collecting, errands, sending, settling
from generations.dispatch.database import change, read
from generations.dispatch.desk import CHECKING_MOST, FETCHING_MOST, SENDING_MOST, Desk
from generations.models import Attempt

log = logging.getLogger(__name__)
GLANCE = 0.02  # seconds between two glances at whether anybody committed
CHORES_EVERY = 0.25
IDLE = {"sqlite": 1.0, "postgresql": 0.1}  # without any sign the rows are looked at so often
DRAIN = 10.0
RENEW_EVERY = horizons.LEASE.total_seconds() / 3


async def run(stop: asyncio.Event) -> None:
    """Work until told to stop, then let what is under way finish for a while."""
    desk = Desk()
    keeper = asyncio.create_task(_keep_leases(desk))
    chores_at = 0.0
    try:
        while not stop.is_set():
            if time.monotonic() >= chores_at:
                await _guarded(_do_chores(desk))
                chores_at = time.monotonic() + CHORES_EVERY
            began = time.monotonic()
            pause = await _guarded(_look(desk))
            spent = time.monotonic() - began
            await _rest(desk, stop, max(2 * spent, GLANCE), min(pause, max(0.0, chores_at - began)))
    finally:
        keeper.cancel()
        await desk.close(DRAIN * min(1.0, horizons.SCALE))


async def _guarded(looking: Awaitable[float]) -> float:
    """Seconds that may pass until the next look; a database that is away for a while is waited for."""
    try:
        return await looking
    except DatabaseError as error:
        log.warning("The database did not answer: %s", error)
        return _idle()


async def _look(desk: Desk) -> float:
    """Set going what cannot wait."""
    found = await read(agenda.look, _room(desk))
    for ticket in found.orders:
        desk.begin(sending.send(desk, ticket))
    for credential_id, due in _by_account(found.checks).items():
        desk.begin(checking.check(desk, credential_id, due))
    for wanted in found.wanted:
        desk.begin(collecting.fetch(desk, wanted))
    if found.next_at is None:
        return _idle()
    return min(_idle(), max(0.0, (found.next_at - timezone.now()).total_seconds()))


async def _do_chores(desk: Desk) -> float:
    """Know all keys, and set going what is rare."""
    found = await read(agenda.chores)
    desk.learn(found.keys)
    for attempt_id in found.lost:
        desk.begin(settling.lost(attempt_id))
    for attempt in found.unknown:
        desk.begin(settling.settle(desk, attempt))
    for attempt in found.stops:
        desk.begin(checking.stop(desk, attempt))
    _run_errands(desk, found)
    return 0.0


def _run_errands(desk: Desk, found: Chores) -> None:
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


def _idle() -> float:
    return IDLE[connection.vendor] * min(1.0, max(horizons.SCALE, 0.1))


def _room(desk: Desk) -> Room:
    return Room(
        orders=SENDING_MOST - len(desk.tickets),
        keys=desk.keys,
        checks=500 if desk.checks < CHECKING_MOST else 0,
        fetches=FETCHING_MOST - len(desk.fetches),
    )


def _by_account(due: Iterable[Attempt]) -> dict[int, list[Attempt]]:
    grouped: dict[int, list[Attempt]] = defaultdict(list)
    for attempt in due:
        if attempt.credential_id is not None:
            grouped[attempt.credential_id].append(attempt)
    return grouped


async def _rest(desk: Desk, stop: asyncio.Event, least: float, most: float) -> None:
    """Between `least` and `most` seconds: less than most when something finished here, or somebody committed.

    Looking again at once after every commit would take a whole core when there are many.
    """
    until = time.monotonic() + most
    version = await _version()
    await asyncio.sleep(least)
    while not (stop.is_set() or desk.stir.is_set()) and time.monotonic() < until:
        if version is not None and await _version() != version:
            break
        with suppress(TimeoutError):
            await asyncio.wait_for(desk.stir.wait(), GLANCE)
    desk.stir.clear()


async def _version() -> int | None:
    """A number that changes with every commit of another process; None where there is no such number."""
    return await read(_data_version) if connection.vendor == "sqlite" else None


def _data_version() -> int | None:
    try:
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA data_version")
            return int(cursor.fetchone()[0])
    except DatabaseError:
        return None


async def _keep_leases(desk: Desk) -> None:
    """Renew what is prepared or fetched here."""
    while True:
        await asyncio.sleep(RENEW_EVERY)
        try:
            await change(_renew, list(desk.tickets), list(desk.fetches))
        except DatabaseError as error:
            log.warning("Leases were not renewed and will be tried again: %s", error)


def _renew(tickets: list[attempts.Ticket], fetches: list[pipeline.Claim]) -> None:
    attempts.renew(tickets)
    for held in fetches:
        pipeline.renew(held)
