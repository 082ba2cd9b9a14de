"""When an account is sent nothing: paused by a person, or closed after refusals and failures.

Every change is one UPDATE, so that several dispatchers agree.
"""

from datetime import datetime, timedelta

from django.db.models import Expression, F, Q
from django.db.models.functions import Greatest, Least
from django.utils import timezone

from routes.models import Credential, CredentialQuerySet


def is_open(now: datetime | Expression) -> Q:
    """For a query of credentials: whether orders may go now."""
    closed = Q(closed_until__isnull=False, closed_until__gt=now)
    return Q(removed_at=None, paused_at=None) & ~closed


def close(credential_id: int, wait: timedelta, why: str, *, is_at_fault: bool) -> None:
    """Send nothing for a while. `is_at_fault`: the key or the account is wrong, so it does not work."""
    now = timezone.now()
    changes: dict[str, object] = {
        "closed_until": now + wait,
        "closed_why": why[:500],
        "last_error": why[:500],
        "last_error_at": now,
        "failures": F("failures") + 1,
    }
    if is_at_fault:
        changes |= {"works": False, "said": why[:500]}
    _row(credential_id).update(**changes)


def succeeded(key: Credential, orders: int = 1) -> None:
    """So many orders were taken: the account is open, and may have as many more in flight than before."""
    if key.closed_until is not None or key.failures or key.allowance < key.at_once:
        more = Least(F("allowance") + orders, F("at_once"))
        _row(key.pk).update(closed_until=None, closed_why="", failures=0, allowance=more)


def crowded(credential_id: int, in_flight: int) -> None:
    """The provider has enough at once: allow half of what was in flight, one at least."""
    _row(credential_id).update(allowance=Greatest(1, Least(F("at_once"), in_flight // 2)))


def failures(credential_id: int) -> int:
    return _row(credential_id).values_list("failures", flat=True).first() or 0


def _row(credential_id: int) -> CredentialQuerySet:
    return Credential.objects.filter(pk=credential_id)
