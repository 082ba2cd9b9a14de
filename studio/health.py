"""Is the studio able to work? Facts for probes and for the owner's page."""

import shutil
from dataclasses import dataclass

from django.conf import settings
from django.db import DatabaseError, connection

from generations import heartbeats
from media import epoch
from media.models import Epoch
from routes import vault
from routes.models import Credential

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


def for_owner() -> list[Check]:
    """The checks of the probes, whether the studio is held, and whether its keys can be read."""
    found = checks()
    if found[0].ok:
        found += [_sending(), _keys()]
    return found


def _sending() -> Check:
    if epoch.held():
        return Check(
            "sending", False, "Held after a restore: manage.py after_restore lets the studio send again."
        )
    return Check("sending", True, "Orders are sent.")


def _keys() -> Check:
    lost = [str(key) for key in Credential.objects.living().order_by("pk") if not _opens(key)]
    if lost:
        return Check("keys", False, f"Cannot be read and must be entered again: {', '.join(lost)}.")
    return Check("keys", True, "Every key of a route can be read.")


def _opens(key: Credential) -> bool:
    try:
        vault.unseal(key.sealed)
    except vault.Sealed:
        return False
    return True


def _database() -> Check:
    try:
        Epoch.objects.exists()
    except DatabaseError:
        return Check("database", False, "The database does not answer, or manage.py up has never laid it.")
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
