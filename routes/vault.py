"""Secrets at rest: sealed with the first of the studio's keys, opened with any of them."""

import base64
import hashlib
from functools import cache

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings


class Sealed(ValueError):  # noqa: N818 - reads as the fact it reports
    """No key of this studio opens it: it was sealed with another data directory's."""


def seal(text: str) -> str:
    """The text in a form that may lie in the database; empty stays empty."""
    return _box().encrypt(text.encode()).decode() if text else ""


def unseal(token: str) -> str:
    if not token:
        return ""
    try:
        return _box().decrypt(token.encode()).decode()
    except InvalidToken:
        raise Sealed("The studio's key for secrets has changed. Enter this key again.") from None


def _box() -> MultiFernet:
    return _box_of(tuple(settings.CREDENTIAL_KEYS))


@cache
def _box_of(keys: tuple[str, ...]) -> MultiFernet:
    hashes = (hashlib.sha256(key.encode()).digest() for key in keys)
    return MultiFernet([Fernet(base64.urlsafe_b64encode(key)) for key in hashes])
