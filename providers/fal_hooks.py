"""fal's webhooks: signed with Ed25519 by keys that fal publishes."""

import base64
import hashlib
import re
from collections.abc import Mapping
from datetime import UTC, datetime

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from providers.base import BadHookError, Hint, HookKeys
from providers.http import Answer, parsed
from providers.replies import fields, identifier, plain, rows

_SKEW = 300  # seconds
_KEYS_MOST = 20
_SIGNATURE = re.compile(r"[0-9a-fA-F]{128}")
_HEADERS = ("request-id", "user-id", "timestamp", "signature")


def public_keys(answer: Answer) -> tuple[bytes, ...]:
    """The keys of a JWKS that can verify, 32 bytes each."""
    found = []
    for one in rows(fields(answer.json()).get("keys"))[:_KEYS_MOST]:
        if (one.get("kty"), one.get("crv")) == ("OKP", "Ed25519"):
            found.append(_decoded(plain(one.get("x"))))
    return tuple(key for key in found if len(key) == 32)


def hint(headers: Mapping[str, str], body: bytes, keys: HookKeys) -> Hint:
    """Whom a webhook is about. It is verified when it is signed for our own user of fal.

    Raises BadHookError.
    """
    given = {name.lower(): value for name, value in headers.items()}
    remote, user, stamp, signature = (given.get(f"x-fal-webhook-{name}", "") for name in _HEADERS)
    if not (remote and user and stamp and signature):
        raise BadHookError("This webhook is not signed.")
    _check_time(stamp, keys.now or datetime.now(UTC))
    digest = hashlib.sha256(body).hexdigest()
    if not _is_signed("\n".join((remote, user, stamp, digest)), signature, keys.public_keys):
        raise BadHookError("The signature of this webhook is wrong.")
    if keys.user_id and keys.user_id != user:
        raise BadHookError("This webhook is signed for another user of fal.ai.")
    if not identifier(remote) or fields(parsed(body)).get("request_id") != remote:
        raise BadHookError("This webhook names another request than its signature.")
    return Hint(remote, digest, verified=bool(keys.user_id))


def _check_time(stamp: str, now: datetime) -> None:
    if not re.fullmatch(r"[0-9]{1,12}", stamp, re.ASCII):
        raise BadHookError("The time of this webhook is not a time.")
    if abs(now.timestamp() - int(stamp)) > _SKEW:
        raise BadHookError("This webhook is too old or too new.")


def _is_signed(text: str, signature: str, keys: tuple[bytes, ...]) -> bool:
    if not _SIGNATURE.fullmatch(signature):
        return False
    for key in keys:
        try:
            Ed25519PublicKey.from_public_bytes(key).verify(bytes.fromhex(signature), text.encode())
        except (InvalidSignature, UnicodeEncodeError):
            continue
        return True
    return False


def _decoded(text: str) -> bytes:
    """Base64url, which fal writes without padding."""
    try:
        return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except ValueError:
        return b""
