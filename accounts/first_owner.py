"""The one-time link with which the very first person becomes the owner of an empty installation."""

import os
import secrets

from django.conf import settings
from django.db import transaction

from accounts.links import absolute
from accounts.models import StudioRole, User

TOKEN = settings.DATA / "secrets" / "owner-link"


def owner_link() -> str | None:
    """The absolute address of the page that makes the owner, or None once any user exists."""
    if User.objects.exists():
        return None
    return absolute("accounts:first_owner", _keep_token())


def opens(token: str) -> bool:
    """Whether `token` may still create the owner."""
    known = _read_token()
    same = secrets.compare_digest(token.encode(), known.encode())
    return bool(known) and same and not User.objects.exists()


def create_owner(token: str, name: str, email: str, password: str) -> User | None:
    """Make the owner and spend the token; None when somebody else was faster or the token is wrong."""
    with transaction.atomic():
        if not opens(token) or not _spend_token():
            return None
        return User.objects.create_user(email, password, name=name, role=StudioRole.OWNER)


def _keep_token() -> str:
    """The token in the file, made first when there is none; the file appears whole or not at all."""
    if known := _read_token():
        return known
    token = secrets.token_urlsafe(32)
    TOKEN.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = TOKEN.with_suffix(".new")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(token)
    draft.replace(TOKEN)
    return token


def _read_token() -> str:
    try:
        return TOKEN.read_text().strip()
    except FileNotFoundError:
        return ""


def _spend_token() -> bool:
    """Removing the file succeeds for one of several that try at once, so it decides the race."""
    try:
        TOKEN.unlink()
    except FileNotFoundError:
        return False
    return True
