"""The dispatcher's loop: looks at the rows whenever somebody committed, and sets everything due to work."""

import asyncio
import logging
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from functools import partial

from django.db import DatabaseError
from django.utils import timezone

from generations import agenda, horizons, pipeline, tickets
from generations.agenda import Checks, Chores
from generations.dispatch import checking, collecting, errands, sending, settling
from generations.dispatch.database import change, read
from generations.dispatch.desk import SENDING_MOST, Desk
from generations.dispatch.news import News
from generations.models import Attempt

log = logging.getLogger(__name__)
GLANCE = 0.02  # seconds between two glances at whether anybody committed
LOOK_EVERY = 0.4  # at everything, at most so often
CHORES_EVERY = 0.25
IDLE = 1.0  # without any sign the rows are looked at so often
DRAIN = 10.0
RENEW_EVERY = horizons.LEASE.total_seconds() / 3


@dataclass(slots=True)
class _Times:
    """On the monotonic clock: when all was looked at and when it is to be again, when the next job is to be
    asked about, and when chores are done.

    `version` is that of the database before the last look.
    """

    looked: float = 0.0
    look: float = 0.0
    ask: float = 0.0
    chores: float = 0.0
    version: int | None = None

    def news(self) -> None:
        """Something changed: look at all of it, but not more often than is good for the processor."""
        self.look = min(self.look, self.looked + _hastened(LOOK_EVERY))


async def run(stop: asyncio.Event) -> None:
    """Work until told to stop, then let what is under way finish for a while."""
    desk, news, times = Desk(), News(), _Times()
    aside = [asyncio.create_task(_keep_leases(desk)), asyncio.create_task(news.listen())]
    try:
        while not stop.is_set():
            await _guarded(_turn(desk, times))
            await _guarded(_listen(desk, stop, news, times))
    finally:
        for task in aside:
            task.cancel()
        news.close()
        await desk.close(DRAIN * min(1.0, horizons.SCALE))


async def _guarded(turn: Awaitable[None]) -> None:
    """A database that is away for a while is waited for."""
    try:
        await turn
    except DatabaseError as error:
        log.warning("The database did not answer: %s", error)
        await asyncio.sleep(_idle())


async def _turn(desk: Desk, times: _Times) -> None:
    """Do what it is time for."""
    if time.monotonic() >= times.chores:
        await _do_chores(desk)
        times.chores = time.monotonic() + CHORES_EVERY
    if time.monotonic() >= times.look:
        await _look(desk, times)
        times.looked = time.monotonic()
        times.look = times.looked + _idle()


async def _look(desk: Desk, times: _Times) -> None:
    """Set going what is due."""
    desk.stir.clear()
    for ticket, package in await read(agenda.orders, SENDING_MOST - len(desk.tickets), desk.keys):
        desk.begin(sending.send(desk, ticket, package))
    _check(desk, times, await read(_checks(desk)))
    for wanted in await read(agenda.pictures, desk.fetches_more):
        desk.begin(collecting.fetch(desk, wanted))


def _check(desk: Desk, times: _Times, checks: Checks) -> None:
    for credential_id, found in _by_account(checks.due).items():
        desk.begin(checking.check(desk, credential_id, found))
    until = (checks.next_at - timezone.now()).total_seconds() if checks.next_at else IDLE
    times.ask = time.monotonic() + until


async def _do_chores(desk: Desk) -> None:
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
    return _hastened(IDLE)


def _hastened(seconds: float) -> float:
    """As all horizons are, but never to nothing."""
    return seconds * min(1.0, max(horizons.SCALE, 0.1))


def _checks(desk: Desk) -> Callable[[], Checks]:
    return partial(agenda.checks, desk.checks_more, frozenset(desk.asking))


def _by_account(due: Iterable[Attempt]) -> dict[int, list[Attempt]]:
    grouped: dict[int, list[Attempt]] = defaultdict(list)
    for attempt in due:
        if attempt.credential_id is not None:
            grouped[attempt.credential_id].append(attempt)
    return grouped


async def _listen(desk: Desk, stop: asyncio.Event, news: News, times: _Times) -> None:
    """Until it is time for something: ask about jobs when they are due, and after every commit of somebody
    else, since a webhook may have named one."""
    await asyncio.sleep(GLANCE)
    while not stop.is_set() and time.monotonic() < min(times.look, times.chores):
        if desk.stir.is_set():
            desk.stir.clear()
            times.news()
        version, found = await news.since(times.version, _checks(desk))
        if version != times.version:
            times.version = version
            times.news()
        elif time.monotonic() >= times.ask:
            found = await read(_checks(desk))
        if found is not None:
            _check(desk, times, found)
        await asyncio.sleep(GLANCE)


async def _keep_leases(desk: Desk) -> None:
    """Renew what is prepared or fetched here."""
    while True:
        await asyncio.sleep(RENEW_EVERY)
        try:
            await change(_renew, list(desk.tickets), list(desk.fetches))
        except DatabaseError as error:
            log.warning("Leases were not renewed and will be tried again: %s", error)


def _renew(sends: list[tickets.Ticket], fetches: list[pipeline.Claim]) -> None:
    tickets.renew(sends)
    for held in fetches:
        pipeline.renew(held)
