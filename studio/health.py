"""Is the studio able to work? Facts for probes and for the owner's page."""

import shutil
from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.db import DatabaseError, connection
from django.db.models import Count, Min
from django.utils import timezone

from generations import heartbeats, horizons
from generations.models import Attempt, Generation, Outcome, Output, OutputState, State
from media import epoch
from media.models import Epoch
from routes import vault
from routes.models import Credential

LOW_DISK = 5 * 1024**3
EXPIRES_SOON = timedelta(days=1)


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
    """The checks of the probes, and what paid work stands or fails with."""
    found = checks()
    if found[0].ok:
        found += [_sending(), _keys(), _orders(), _originals()]
    return found


def _sending() -> Check:
    if epoch.held():
        return Check(
            "sending", False, "Held after a restore: manage.py after_restore lets the studio send again."
        )
    return Check("sending", True, "Orders are sent.")


def _orders() -> Check:
    """Orders that need somebody: those nobody can tell about, and those that take far too long."""
    undecided = Generation.objects.filter(state=State.NEEDS_DECISION).count()
    unknown = Generation.objects.filter(state=State.UNKNOWN).count()
    late = Attempt.objects.filter(outcome=Outcome.ACCEPTED, is_done=False)
    stuck = late.filter(sent_at__lt=timezone.now() - horizons.HARD).count()
    said = f"Waiting for a decision: {undecided}. Stuck: {stuck}. Looked for: {unknown}."
    return Check("orders", not (undecided or stuck), said)


def _originals() -> Check:
    """Finished pictures that are still at their provider, which is normally none."""
    waiting = Output.objects.filter(state=OutputState.PENDING, arrived_at=None).exclude(source="")
    found = waiting.aggregate(count=Count("pk"), first=Min("source_expires_at"))
    is_near = found["first"] is not None and found["first"] < timezone.now() + EXPIRES_SOON
    said = f"Finished pictures still at their provider: {found['count']}."
    return Check("originals", not is_near, f"{said} The first expires soon." if is_near else said)


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
