"""Whether a fault means that no disk space is left, for files or for the database."""

import errno
import sqlite3

from django.db import DatabaseError

_FILES = (errno.ENOSPC, errno.EDQUOT)
_POSTGRES_DISK_FULL = "53100"


def is_full(fault: BaseException | None) -> bool:
    """True for ENOSPC and EDQUOT, SQLite's "database or disk is full" and PostgreSQL's disk_full."""
    if isinstance(fault, OSError):
        return fault.errno in _FILES
    if not isinstance(fault, DatabaseError):
        return False
    cause = fault.__cause__
    if isinstance(cause, sqlite3.Error):
        return getattr(cause, "sqlite_errorcode", None) == sqlite3.SQLITE_FULL
    return getattr(cause, "sqlstate", None) == _POSTGRES_DISK_FULL
