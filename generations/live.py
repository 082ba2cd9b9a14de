"""Live pages: one watcher per process reads new events and wakes the streams that wait for them.

A stream carries ids only; the page fetches what it needs. Streams are limited so that the server always keeps
threads for ordinary requests. While it waits, a stream gives its database connection back to the pool.
"""

import json
import logging
import threading
import time
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass

from django.conf import settings
from django.db import DatabaseError, close_old_connections, connection

from accounts.models import User
from generations.models import Event
from projects.models import Project

log = logging.getLogger(__name__)
# Where a glance at a number shows whether anybody has committed, it may be taken often.
TICK = {"sqlite": 0.01, "postgresql": 0.05}
HEARTBEAT = 15.0
LIFETIME = 600.0
NAP = 1.0
LOOK_BACK = 50
REMEMBERED = 5000


@dataclass(frozen=True, slots=True)
class Notice:
    """Something happened: the event's key and whom it concerns."""

    event: int
    project_id: int
    generation: str
    output: str


class Feed:
    """New events of all projects in the order of their arrival, kept in memory while somebody listens.

    Where writers commit out of order (PostgreSQL) a lower key can appear after a higher one, so the watcher
    looks back over the last keys each time.
    """

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._notices: deque[Notice] = deque(maxlen=REMEMBERED)
        self._arrived = 0
        self._listeners = 0
        self._watcher: threading.Thread | None = None
        self._known: set[int] = set()
        self._version: int | None = None
        self._ending = threading.Event()

    def end(self) -> None:
        """Let every stream end within a second; safe to call from a signal handler."""
        self._ending.set()

    @property
    def is_ending(self) -> bool:
        return self._ending.is_set()

    def join(self) -> int | None:
        """Take a place and answer the position to listen from; None when all places are taken."""
        with self._changed:
            if self._listeners >= places():
                return None
            if self._watcher is None:
                self._known = set(Event.objects.order_by("-pk").values_list("pk", flat=True)[:LOOK_BACK])
            self._listeners += 1
            self._keep_watched()
            return self._arrived

    def leave(self) -> None:
        with self._changed:
            self._listeners -= 1

    @property
    def is_idle(self) -> bool:
        """Nobody listens and nobody watches."""
        with self._changed:
            return not self._listeners and self._watcher is None

    def after(self, position: int, seconds: float) -> tuple[list[Notice], int]:
        """What arrived since `position`, waiting at most `seconds` for it, and the next position."""
        with self._changed:
            self._keep_watched()
            self._changed.wait_for(lambda: self._arrived > position, seconds)
            count = min(self._arrived - position, len(self._notices))
            return list(self._notices)[len(self._notices) - count :], self._arrived

    def _keep_watched(self) -> None:
        """Start the watcher, also in place of one that failed. Called with the lock held."""
        if self._watcher is None or not self._watcher.is_alive():
            self._watcher = threading.Thread(target=self._watch, name="live-watcher", daemon=True)
            self._watcher.start()

    def _watch(self) -> None:
        while self._is_wanted():
            self._look_safely()
            close_old_connections()
            time.sleep(TICK[connection.vendor])

    def _is_wanted(self) -> bool:
        with self._changed:
            if not self._listeners:
                self._watcher = None
                connection.close()
            return self._watcher is not None

    def _look_safely(self) -> None:
        try:
            version = _version()
            if version is None or version != self._version:
                self._look()
            self._version = version
        except DatabaseError as error:
            self._version = None
            log.warning("The live watcher could not read: %s", error)

    def _look(self) -> None:
        floor = max(self._known, default=0) - LOOK_BACK
        keys = set(Event.objects.filter(pk__gt=floor).values_list("pk", flat=True))
        fresh = keys - self._known
        if not fresh:
            return
        notices = [notice for notice in _since(min(fresh) - 1) if notice.event in fresh]
        self._known = keys
        with self._changed:
            self._notices.extend(notices)
            self._arrived += len(notices)
            self._changed.notify_all()


feed = Feed()


def places() -> int:
    """How many streams this process carries: all its threads but sixteen, or a quarter of few."""
    threads: int = settings.WEB_THREADS
    return max(threads - 16, threads // 4)


def end_streams() -> None:
    """Let every stream of this process end within a second; safe to call from a signal handler."""
    feed.end()


class Stream:
    """The body of a live answer: messages until its time is over, its reader gone or its right withdrawn."""

    def __init__(self, user: User, project: Project | None, after: int | None, position: int) -> None:
        self._feed = feed
        self._user_id = user.pk
        self._project_id = project.pk if project else None
        self._messages = self._run(after, position)
        self._is_open = True

    def __iter__(self) -> Iterator[bytes]:
        return self._messages

    def close(self) -> None:
        """Give the place back, however the stream ended."""
        if self._is_open:
            self._is_open = False
            self._feed.leave()

    def _run(self, after: int | None, position: int) -> Iterator[bytes]:
        yield b"retry: 2000\n\n"
        told = set()
        if after is not None:
            missed = _since(after)
            told = {notice.event for notice in missed}
            yield from _messages(missed, self._reach())
        close_old_connections()
        end = time.monotonic() + LIFETIME
        beat = time.monotonic() + HEARTBEAT
        while time.monotonic() < end and not self._feed.is_ending:
            notices, position = self._feed.after(position, NAP)
            is_quiet = time.monotonic() >= beat
            if not notices and not is_quiet:
                continue
            reach = self._reach()
            close_old_connections()
            if not reach:
                return
            yield from _messages([notice for notice in notices if notice.event not in told], reach)
            if is_quiet:
                yield b": still here\n\n"
                beat = time.monotonic() + HEARTBEAT

    def _reach(self) -> set[int]:
        """The projects whose events this reader may have now; empty ends the stream."""
        user = User.objects.filter(pk=self._user_id, is_active=True).first()
        if user is None:
            return set()
        projects = Project.objects.visible_to(user)
        if self._project_id is not None:
            projects = projects.filter(pk=self._project_id)
        return set(projects.values_list("pk", flat=True))


def open_stream(user: User, project: Project | None, after: int | None) -> Stream | None:
    """A stream of one project, or of all that `user` sees; None when every place is taken.

    `after` is the last event that the reader has: what came since is told first.
    """
    position = feed.join()
    return None if position is None else Stream(user, project, after, position)


def _version() -> int | None:
    """A number that changes with every commit of another connection; None where there is no such number."""
    if connection.vendor != "sqlite":
        return None
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA data_version")
        return int(cursor.fetchone()[0])


def _since(event: int) -> list[Notice]:
    """The events after this one, oldest first."""
    rows = Event.objects.filter(pk__gt=event).order_by("pk")
    values = rows.values_list("pk", "project_id", "generation__uuid", "output__uuid")[:REMEMBERED]
    return [
        Notice(key, project, str(generation), str(output) if output else "")
        for key, project, generation, output in values
    ]


def _messages(notices: list[Notice], reach: set[int]) -> Iterator[bytes]:
    """One message about all that concerns projects within `reach`, or none."""
    mine = [notice for notice in notices if notice.project_id in reach]
    if mine:
        ids = {
            "generations": list(dict.fromkeys(notice.generation for notice in mine)),
            "outputs": list(dict.fromkeys(notice.output for notice in mine if notice.output)),
        }
        yield f"id: {max(notice.event for notice in mine)}\ndata: {json.dumps(ids)}\n\n".encode()
