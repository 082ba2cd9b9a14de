"""Webhooks: each attempt has an address of its own that nobody else can know; what comes there is a hint."""

import base64
import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils import timezone

from generations import horizons
from generations.gathered import Gathered
from generations.models import Attempt, InboxEvent, Outcome, State
from generations.prepared import (
    PreparedInsert,
    PreparedQuery,
    PreparedUpdate,
    column,
    moment,
    number,
)
from providers.base import Hint, HookKeys
from providers.registry import read_hook
from routes import vault
from routes.models import Credential

LOOKED_FOR = (Outcome.UNKNOWN, Outcome.ABANDONED, Outcome.VOID)


def token(attempt: UUID) -> str:
    """Made from the studio's secret, so that it need not be stored."""
    key = settings.SECRET_KEY.encode()
    return hmac.new(key, f"hook {attempt}".encode(), hashlib.sha256).hexdigest()


def address(attempt: UUID, *, is_loopback: bool) -> str:
    """Where the provider may tell us that something happened; empty where it cannot reach us."""
    if not settings.SECURE and not is_loopback:
        return ""
    base = f"http://127.0.0.1:{settings.PORT}" if is_loopback else settings.PUBLIC_URL.rstrip("/")
    return base + reverse("hook", urlconf="generations.hook_urls", args=[attempt, token(attempt)])


def addressed(uuid: UUID, given: str) -> Attempt | None:
    """The attempt whose address this is; None for a guess."""
    is_ours = hmac.compare_digest(given.encode(), token(uuid).encode())
    attempt = next(iter(_ADDRESSED.rows({"uuid": uuid})), None)
    return attempt if is_ours else None


_KEY = ("route", "hooked_at", "hook_keys", "hook_user_id", "hook_sealed")
_ADDRESSED = PreparedQuery(
    lambda: (
        Attempt.objects.filter(uuid=column(Attempt, "uuid"))
        .select_related("credential")
        .only("route", "remote_id", *(f"credential__{name}" for name in _KEY))
    )
)


def receive(attempt: Attempt, headers: Mapping[str, str], body: bytes) -> bool:
    """Note a webhook and have its attempt looked at now; nothing more is believed of it.

    False: it came before, or its attempt was just deleted. Raises BadHookError for one that is forged, stale
    or unreadable.
    """
    hint = read_hook(attempt.route, headers, body, _keys(attempt.credential))
    try:
        is_new = _inbox.do(_Arrival(attempt.pk, hint, timezone.now()))
    except IntegrityError:
        return False
    if not is_new:
        return False
    _note_arrival(attempt)
    _pin_user(attempt, hint, headers)
    return True


@dataclass(frozen=True, slots=True)
class _Arrival:
    attempt_id: int
    hint: Hint
    at: datetime


def _note(came: _Arrival) -> bool:
    """Whether it is new."""
    event = {
        "attempt_id": came.attempt_id,
        "delivery": came.hint.delivery[:200],
        "remote_id": came.hint.remote_id[:200],
        "verified": came.hint.verified,
        "at": came.at,
    }
    try:
        with transaction.atomic():
            _EVENTS.add([event])
            _LOOKED_FOR_NOW.change({"attempt": came.attempt_id, "now": came.at})
    except IntegrityError:
        return False
    return True


_inbox = Gathered(_note)
_EVENTS = PreparedInsert(InboxEvent, "attempt_id", "delivery", "remote_id", "verified", "at")


def _note_arrival(attempt: Attempt) -> None:
    """Webhooks come through: noted now and then, not at each of them."""
    now, key = timezone.now(), attempt.credential
    if key is not None and (key.hooked_at is None or key.hooked_at < now - horizons.HOOKS_TRUSTED / 4):
        Credential.objects.filter(pk=key.pk).update(hooked_at=now)


def _to_look_for() -> QuerySet[Attempt]:
    rows = Attempt.objects.filter(pk=number("attempt"))
    made_nothing = Q(generation__state__in=(State.FAILED, State.CANCELLED), outputs=None)
    open_ones = rows.filter(Q(is_done=False) | made_nothing, outcome=Outcome.ACCEPTED)
    return rows.filter(Q(pk__in=open_ones.values("pk")) | Q(outcome__in=LOOKED_FOR))


_LOOKED_FOR_NOW = PreparedUpdate(_to_look_for, lambda: {"due_at": moment("now"), "hooked_at": moment("now")})


def _keys(credential: Credential | None) -> HookKeys:
    if credential is None:
        return HookKeys()
    secret = vault.unseal(credential.hook_sealed)
    return HookKeys(
        public_keys=tuple(base64.b64decode(key) for key in credential.hook_keys),
        user_id=credential.hook_user_id,
        secrets=(secret,) if secret else (),
    )


def _pin_user(attempt: Attempt, hint: Hint, headers: Mapping[str, str]) -> None:
    """fal signs for all its customers with the same keys. Whoever signs for a job that is ours is us."""
    user = headers.get("X-Fal-Webhook-User-Id", "")[:100]
    key = attempt.credential
    is_new = key is not None and not key.hook_user_id
    if user and is_new and not hint.verified and attempt.remote_id and attempt.remote_id == hint.remote_id:
        Credential.objects.filter(attempts=attempt, hook_user_id="").update(hook_user_id=user)
