"""What there is to do at providers just now: looks at the rows, claims included.

Each is short, since whatever is written down waits for the same thread.
"""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q
from django.utils import timezone

from elements.models import Fetching, RemoteCopy, WantedReference
from generations import attempts, horizons, packages, places, results, turns, unknowns
from generations.models import Attempt, Outcome
from generations.packages import Package
from generations.places import Wanted
from generations.prepared import PreparedQuery, moment
from generations.tickets import Ticket
from providers.base import Refused
from providers.registry import PUBLIC_KEYS
from routes.models import Credential


@dataclass(frozen=True, slots=True)
class Checks:
    """The jobs to ask about now, and when the next of the others is due."""

    due: list[Attempt]
    next_at: datetime | None


@dataclass(frozen=True, slots=True)
class Chores:
    """What is looked for a few times a second: every key that can speak, and what is rare."""

    keys: list[Credential]
    lost: list[int]
    unknown: list[Attempt]
    stops: list[Attempt]
    tests: list[Credential]
    unsigned: list[Credential]
    unbilled: list[Credential]
    copies: list[RemoteCopy]
    has_wishes: bool


def orders(most: int, keys: frozenset[int]) -> list[tuple[Ticket, Package | Refused]]:
    """Claim orders that may be sent now by one of the keys, with what sending them needs."""
    tickets = turns.take(most, keys)
    return packages.load(tickets) if tickets else []


def pictures(most: int) -> list[Wanted]:
    """Claim finished pictures that nobody fetches."""
    return places.to_fetch(timezone.now(), most) if most > 0 else []


def checks(most: int, asking: frozenset[int]) -> Checks:
    """The jobs to ask about, beside those that somebody is `asking` about."""
    now = timezone.now()
    return Checks(results.due(now, most, asking), next(iter(_NEXT.rows({"now": now})), None))


_NEXT = PreparedQuery(
    lambda: (
        Attempt.objects.filter(due_at__gt=moment("now"))
        .order_by("due_at")
        .values_list("due_at", flat=True)[:1]
    )
)


def chores() -> Chores:
    now = timezone.now()
    keys = _KEYS.rows({})
    return Chores(
        keys=keys,
        lost=attempts.overdue(now),
        unknown=unknowns.due(now),
        stops=_stops(),
        tests=[key for key in keys if _is_asked(key)],
        unsigned=[key for key in keys if key.route in PUBLIC_KEYS and _is_unsigned(key, now)],
        unbilled=[key for key in keys if _is_unbilled(key, now)],
        copies=packages.to_forget(now),
        has_wishes=bool(_WISHES.rows({})),
    )


_WISHES = PreparedQuery(
    lambda: WantedReference.objects.filter(state=Fetching.WAITING).values_list("pk", flat=True)[:1]
)


# Every key that can still speak: one that was removed, too, while its orders are in flight.
_KEYS = PreparedQuery(lambda: Credential.objects.exclude(sealed=""))


def _is_asked(key: Credential) -> bool:
    asked, answered = key.test_asked_at, key.tested_at
    return key.removed_at is None and asked is not None and (answered is None or answered < asked)


def _is_unsigned(key: Credential, now: datetime) -> bool:
    return key.hook_keys_at is None or key.hook_keys_at < now - horizons.HOOK_KEYS_FOR


def _is_unbilled(key: Credential, now: datetime) -> bool:
    return key.removed_at is None and (key.billed_at or key.created_at) < now - horizons.BILL_EVERY


def _stops() -> list[Attempt]:
    """Accepted attempts that somebody wants to stop, and whose provider was not told yet."""
    return _STOPS.rows({})


# What is accepted and not done is due at some time, by which the rows are found without reading all.
_STOPS = PreparedQuery(
    lambda: Attempt.objects.filter(
        outcome=Outcome.ACCEPTED,
        is_done=False,
        due_at__isnull=False,
        cancel_sent_at=None,
        generation__cancel_requested_at__isnull=False,
    ).select_related("generation")[:20]
)


def retire_keys() -> None:
    """Forget the secret of a removed key once nothing of it is in flight any more."""
    gone = Credential.objects.filter(removed_at__isnull=False).exclude(sealed="")
    # Nearly always: and to go through all attempts would keep everybody from writing meanwhile.
    if not gone.exists():
        return
    busy = Attempt.objects.filter(
        Q(outcome__in=(Outcome.NONE, Outcome.UNKNOWN))
        | Q(outcome=Outcome.ACCEPTED, is_done=False)
        | Q(outputs__state="pending"),
        credential__isnull=False,
    )
    gone.exclude(pk__in=busy.values("credential")).update(sealed="")
