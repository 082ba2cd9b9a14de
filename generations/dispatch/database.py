"""From the event loop to the database: all rows are read and changed in one thread."""

import asyncio
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field
from functools import partial
from typing import Any, cast
from weakref import WeakKeyDictionary

from asgiref.sync import sync_to_async
from django.db import OperationalError, close_old_connections, transaction

TOGETHER = 100  # changes in one transaction
# Seconds between two commits at least: others want to write as well, and many changes cost hardly more
# than one (`horizons.GATHERED` is the longer one). What comes alone is committed at once in either case.
SOON = 0.02


async def read[*Given, Found](work: Callable[[*Given], Found], *given: *Given) -> Found:
    """Run a plain function on rows in the one thread that holds the database connection."""
    return await sync_to_async(_safely, thread_sensitive=True)(work, *given)


async def change[*Given, Found](work: Callable[[*Given], Found], *given: *Given) -> Found:
    """Run a plain function that changes rows. On return it is committed.

    What is asked for while others are committed goes together in one transaction: one wait for the disk
    instead of many, and less of it for everybody else who writes.
    """
    return cast(Found, await _wished(_alone, partial(work, *given), SOON))


async def change_many[Given, Found](
    work: Callable[[Sequence[Given]], Sequence[Found]], given: Given, apart: float = SOON
) -> Found:
    """The same for a function of many: what goes together is handed to it at once; it answers in order."""
    return cast(Found, await _wished(work, given, apart))


@dataclass(frozen=True, slots=True, eq=False)
class _Wish:
    work: Callable[[list[Any]], Sequence[object]]
    given: object
    answer: asyncio.Future[object]


@dataclass(slots=True)
class _Group:
    """Changes that wait for the next transaction, and who commits them, so many seconds `apart`."""

    apart: float
    waiting: list[_Wish] = field(default_factory=list)
    task: asyncio.Task[None] | None = None
    committed: float = 0.0


_groups: WeakKeyDictionary[asyncio.AbstractEventLoop, dict[float, _Group]] = WeakKeyDictionary()


async def _wished(work: Callable[[list[Any]], Sequence[object]], given: object, apart: float) -> object:
    loop = asyncio.get_running_loop()
    group = _groups.setdefault(loop, {}).setdefault(apart, _Group(apart))
    answer: asyncio.Future[object] = loop.create_future()
    group.waiting.append(_Wish(work, given, answer))
    if group.task is None or group.task.done():
        group.task = loop.create_task(_commit(group))
    return await answer


async def _commit(group: _Group) -> None:
    while group.waiting:
        await asyncio.sleep(max(0.0, group.committed + group.apart - time.monotonic()))
        now, group.waiting = group.waiting[:TOGETHER], group.waiting[TOGETHER:]
        try:
            found = await read(_together, now)
        except Exception as error:  # noqa: BLE001 - handed on to all who asked
            found = dict.fromkeys(now, error)
        group.committed = time.monotonic()
        for wish, one in found.items():
            if wish.answer.cancelled():
                continue
            if isinstance(one, BaseException):
                wish.answer.set_exception(one)
            else:
                wish.answer.set_result(one)


def _together(wishes: list[_Wish]) -> dict[_Wish, object]:
    """Do all in one transaction; what fails is undone alone."""
    alike: dict[object, list[_Wish]] = defaultdict(list)
    for wish in wishes:
        alike[wish if wish.work is _alone else wish.work].append(wish)
    with transaction.atomic() if len(alike) > 1 else nullcontext():
        return {wish: one for some in alike.values() for wish, one in _done(some).items()}


def _done(alike: list[_Wish]) -> dict[_Wish, object]:
    try:
        with transaction.atomic():
            found = alike[0].work([wish.given for wish in alike])
        return dict(zip(alike, found, strict=True))
    except OperationalError:
        raise
    except Exception as error:  # noqa: BLE001 - handed on to who asked
        if len(alike) == 1:
            return {alike[0]: error}
    return {wish: one for single in alike for wish, one in _done([single]).items()}


def _alone(works: list[Callable[[], object]]) -> list[object]:
    return [work() for work in works]


def _safely[*Given, Found](work: Callable[[*Given], Found], *given: *Given) -> Found:
    try:
        return work(*given)
    except OperationalError:
        close_old_connections()
        raise
