"""Whether a fault means that the database is away."""

import sqlite3

from django.db import InterfaceError, OperationalError

_SQLITE_AWAY = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_IOERR)
# Connections that broke, and servers that stop or start. Nobody has a state yet who could not connect.
_POSTGRES_AWAY = ("08", "57P")


def is_gone(fault: BaseException | None) -> bool:
    """True when no connection to the database came about, or it broke, or the database stayed locked."""
    if isinstance(fault, InterfaceError):
        return True
    return isinstance(fault, OperationalError) and _is_away(fault)


def _is_away(fault: OperationalError) -> bool:
    cause = fault.__cause__
    if isinstance(cause, sqlite3.Error):
        return getattr(cause, "sqlite_errorcode", 0) & 0xFF in _SQLITE_AWAY
    state = getattr(cause, "sqlstate", None)
    return state is None or state.startswith(_POSTGRES_AWAY)
