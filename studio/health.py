"""Is the studio able to work? Facts for probes and for the owner's page."""

import shutil
from dataclasses import dataclass

from django.conf import settings
from django.db import DatabaseError, connection

from generations import heartbeats

LOW_DISK = 5 * 1024**3


@dataclass(frozen=True, slots=True)
class Check:
    """One thing looked at: its name, whether it is well, and a sentence."""

    name: str
    ok: bool
    said: str

    @property
    def title(self) -> str:
        return self.name.capitalize()


def checks() -> list[Check]:
    database = _database()
    if not database.ok:
        return [database, _storage()]
    return [database, _storage(), _process("worker"), _process("dispatcher")]


def _database() -> Check:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return Check("database", False, "The database does not answer.")
    return Check("database", True, f"{connection.vendor} answers.")


def _storage() -> Check:
    try:
        free = shutil.disk_usage(settings.DATA).free
    except OSError:
        return Check("storage", False, "The data directory cannot be read.")
    said = f"{free / 1024**3:.1f} GB free."
    return Check("storage", free > LOW_DISK, said if free > LOW_DISK else f"Only {said}")


def _process(role: str) -> Check:
    if heartbeats.heard_from(role):
        return Check(role, True, f"The {role} was heard from in the last 30 seconds.")
    return Check(role, False, f"No {role} was heard from in the last 30 seconds; start it with manage.py up.")
