"""From the event loop to the database: all rows are read and changed in one thread."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import cast
from weakref import WeakKeyDictionary

from asgiref.sync import sync_to_async
from django.db import OperationalError, close_old_connections, transaction

TOGETHER = 100  # changes in one transaction


async def read[*Given, Found](work: Callable[[*Given], Found], *given: *Given) -> Found:
    """Run a plain function on rows in the one thread that holds the database connection."""
    return await sync_to_async(_safely, thread_sensitive=True)(work, *given)


async def change[*Given, Found](work: Callable[[*Given], Found], *given: *Given) -> Found:
    """Run a plain function that changes rows. On return it is committed.

    What is asked for while others are committed goes together in one transaction: one wait for the disk
    instead of many.
    """
    loop = asyncio.get_running_loop()
    group = _groups.setdefault(loop, _Group())
    answer: asyncio.Future[object] = loop.create_future()
    group.waiting.append((partial(work, *given), answer))
    if group.task is None or group.task.done():
        group.task = loop.create_task(_commit(group))
    return cast(Found, await answer)


@dataclass(slots=True)
class _Group:
    """Changes that wait for the next transaction, and who commits them."""

    waiting: list[tuple[Callable[[], object], asyncio.Future[object]]] = field(default_factory=list)
    task: asyncio.Task[None] | None = None


_groups: WeakKeyDictionary[asyncio.AbstractEventLoop, _Group] = WeakKeyDictionary()


async def _commit(group: _Group) -> None:
    while group.waiting:
        now, group.waiting = group.waiting[:TOGETHER], group.waiting[TOGETHER:]
        try:
            found = await read(_together, [work for work, _ in now])
        except Exception as error:  # noqa: BLE001 - handed on to all who asked
            found = [error] * len(now)
        for (_, answer), one in zip(now, found, strict=True):
            if answer.cancelled():
                continue
            if isinstance(one, BaseException):
                answer.set_exception(one)
            else:
                answer.set_result(one)


def _together(works: list[Callable[[], object]]) -> list[object]:
    """Do all in one transaction; what fails is undone alone."""
    with transaction.atomic():
        return [_alone(work) for work in works]


def _alone(work: Callable[[], object]) -> object:
    try:
        with transaction.atomic():
            return work()
    except OperationalError:
        raise
    except Exception as error:  # noqa: BLE001 - handed on to who asked
        return error


def _safely[*Given, Found](work: Callable[[*Given], Found], *given: *Given) -> Found:
    try:
        return work(*given)
    except OperationalError:
        close_old_connections()
        raise
