"""Invitations: a link shown once to whoever invites, good for one account and seven days."""

import secrets
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256

from django.db import transaction
from django.utils import timezone

from accounts.links import absolute
from accounts.models import Invitation, User

LASTS = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Offer:
    """What an invitation gives: a studio role and, when `project_id` is set, a role in that project."""

    role: str
    email: str = ""
    project_id: int | None = None
    project_role: str = ""


def invite(inviter: User, offer: Offer) -> str:
    """Record the invitation and return its absolute link, which cannot be shown a second time."""
    token = secrets.token_urlsafe(32)
    Invitation.objects.create(
        token_sha256=_digest(token),
        email=offer.email.lower(),
        role=offer.role,
        project_id=offer.project_id,
        project_role=offer.project_role,
        created_by=inviter,
        expires_at=timezone.now() + LASTS,
    )
    return absolute("accounts:accept", token)


def find(token: str) -> Invitation | None:
    """The open invitation behind `token`; used, revoked, expired and unknown ones are all None."""
    return Invitation.objects.open().filter(token_sha256=_digest(token)).first()


def accept(invitation: Invitation, name: str, email: str, password: str) -> User | None:
    """Make the account and close the invitation, or return None when it was closed meanwhile."""
    with transaction.atomic():
        if not Invitation.objects.open().filter(pk=invitation.pk).update(accepted_at=timezone.now()):
            return None
        return User.objects.create_user(email, password, name=name, role=invitation.role)


def revoke(invitation: Invitation) -> bool:
    """Close the invitation; False when it was accepted or closed before."""
    return bool(Invitation.objects.open().filter(pk=invitation.pk).update(revoked_at=timezone.now()))


def _digest(token: str) -> str:
    return sha256(token.encode()).hexdigest()
