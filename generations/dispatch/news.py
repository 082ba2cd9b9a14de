"""Hearing of commits: SQLite counts them, PostgreSQL tells of them."""

import asyncio
import logging
import sqlite3
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field

from django.db import DatabaseError, connection

from generations.dispatch.database import read

log = logging.getLogger(__name__)
AGAIN = 1.0  # seconds until PostgreSQL is asked to tell again
# Of what Django connects with, the rest is for its own cursors and pool.
_OTHERS = ("context", "cursor_factory", "prepare_threshold", "pool")


@dataclass(slots=True)
class News:
    """The version of the database changes with every commit of another process."""

    _told: int = 0
    _own: set[int] = field(default_factory=set)
    _ear: sqlite3.Connection | None = None
    _heard: int | None = None

    async def since[Found](
        self, version: int | None, look: Callable[[], Found]
    ) -> tuple[int | None, Found | None]:
        """The version now and, where it is another, what `look` finds."""
        if connection.vendor == "sqlite":
            return await read(_since, version, look) if self._is_stirred() else (version, None)
        told = self._told
        return told, await read(look) if told != version else None

    def _is_stirred(self) -> bool:
        """Whether anybody committed since this was asked last, this dispatcher or somebody else.

        Asked on a connection that nothing else is asked on, it takes microseconds: to go to the other thread
        fifty times a second for it would keep an idle machine awake.
        """
        heard = None
        with suppress(sqlite3.OperationalError):
            self._ear = self._ear or _open_ear()
            heard = _version(self._ear)
        is_new, self._heard = heard is None or heard != self._heard, heard
        return is_new

    def close(self) -> None:
        if self._ear is not None:
            self._ear.close()

    async def listen(self) -> None:
        """Hear what PostgreSQL tells until cancelled; what this dispatcher changed itself is no news."""
        if connection.vendor == "sqlite":
            return
        import psycopg  # noqa: PLC0415 - only installed where PostgreSQL is used

        while True:
            try:
                place = await read(_place)
                async with await psycopg.AsyncConnection.connect(place, autocommit=True) as ear:
                    await ear.execute("LISTEN framehouse")
                    self._own.add(await read(_backend))
                    self._told += 1
                    async for told in ear.notifies():
                        self._told += told.pid not in self._own
            except (psycopg.OperationalError, DatabaseError) as error:
                log.warning("PostgreSQL stopped telling of commits: %s", type(error).__name__)
                await asyncio.sleep(AGAIN)


def _open_ear() -> sqlite3.Connection:
    name = str(connection.settings_dict["NAME"])
    return sqlite3.connect(name, timeout=0, uri=name.startswith("file:"))


def _version(ear: sqlite3.Connection) -> int:
    return int(ear.execute("PRAGMA data_version").fetchone()[0])


def _since[Found](version: int | None, look: Callable[[], Found]) -> tuple[int, Found | None]:
    """In one go, because other work may wait for the one thread between two."""
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA data_version")
        now = int(cursor.fetchone()[0])
    return now, look() if now != version else None


def _place() -> str:
    """Where the database is, as PostgreSQL's own library writes it."""
    from psycopg.conninfo import make_conninfo  # noqa: PLC0415 - only installed where PostgreSQL is used

    given = connection.get_connection_params()
    return make_conninfo("", **{name: value for name, value in given.items() if name not in _OTHERS})


def _backend() -> int:
    """What PostgreSQL calls the connection that the dispatcher changes rows by."""
    connection.ensure_connection()
    return int(connection.connection.info.backend_pid)
