"""Kling's callbacks: signed by the Standard Webhooks scheme once a secret was made, otherwise not at all."""

import hashlib
import hmac
import re
from collections.abc import Mapping
from datetime import UTC, datetime

from standardwebhooks.webhooks import EmptyWebhookSecretError, Webhook

from providers.base import BadHookError, Hint, HookKeys
from providers.http import parsed
from providers.replies import fields, identifier

_SKEW = 300  # seconds
_ID_LIMIT = 200


def hint(headers: Mapping[str, str], body: bytes, keys: HookKeys) -> Hint:
    """Whom a callback is about; unsigned ones are no more than a hint. Raises BadHookError."""
    given = {name.lower(): value for name, value in headers.items()}
    told = fields(parsed(body))
    remote = identifier(told.get("task_id")) or identifier(told.get("id"))
    if not remote:
        raise BadHookError("This webhook names no task.")
    name, signature = given.get("webhook-id", "")[:_ID_LIMIT], given.get("webhook-signature", "")
    if not keys.secrets or not signature:
        return Hint(remote, hashlib.sha256(body).hexdigest(), verified=False)
    at = _time(given.get("webhook-timestamp", ""), keys.now or datetime.now(UTC))
    if not any(_is_signed(secret, name, at, body, signature) for secret in keys.secrets):
        raise BadHookError("The signature of this webhook is wrong.")
    return Hint(remote, name, verified=True)


def _time(stamp: str, now: datetime) -> datetime:
    if not re.fullmatch(r"[1-9][0-9]{0,10}", stamp, re.ASCII):
        raise BadHookError("The time of this webhook is not a time.")
    if abs(now.timestamp() - int(stamp)) > _SKEW:
        raise BadHookError("This webhook is too old or too new.")
    return datetime.fromtimestamp(int(stamp), UTC)


def _is_signed(secret: str, name: str, at: datetime, body: bytes, signatures: str) -> bool:
    """Whether one of several signatures is ours: after a change of secrets there are two."""
    try:
        ours = Webhook(secret).sign(name, at, body.decode())
    except (ValueError, RuntimeError, EmptyWebhookSecretError):  # a secret or a body that cannot be signed
        return False
    return any(
        hmac.compare_digest(ours.encode(), one.encode("utf-8", "replace")) for one in signatures.split()
    )
