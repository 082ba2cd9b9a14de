"""Changing people: roles, leaving and returning, reset links; the last owner always stays."""

from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.db import transaction
from django.utils import timezone

from accounts.links import absolute
from accounts.models import Invitation, StudioRole, User


class RefusedError(Exception):
    """The change is against the rules; the message is a sentence for the person who asked."""


def may_manage(actor: User, person: User) -> bool:
    """Owners manage everybody; admins manage everybody but owners."""
    return actor.role == StudioRole.OWNER or (
        actor.role == StudioRole.ADMIN and person.role != StudioRole.OWNER
    )


def roles_given_by(actor: User) -> list[tuple[str, str]]:
    """The studio roles that `actor` may give, as form choices."""
    return [(r.value, str(r.label)) for r in StudioRole if r != StudioRole.OWNER or actor.role == r]


def change_role(actor: User, person: User, role: str) -> None:
    """Give `person` a studio role. Raises RefusedError."""
    _change(actor, person, role=role, is_active=person.is_active)


def deactivate(actor: User, person: User) -> None:
    """Close the account and end its sessions; what the person made stays. Raises RefusedError."""
    if actor.pk == person.pk:
        raise RefusedError("You cannot deactivate your own account. Another owner or admin can.")
    _change(actor, person, role=person.role, is_active=False)
    end_sessions(person)


def reactivate(actor: User, person: User) -> None:
    """Open a closed account again. Raises RefusedError."""
    _change(actor, person, role=person.role, is_active=True)


def end_sessions(person: User) -> None:
    for session in UserSession.objects.filter(user=person):
        session.end()


def reset_link(actor: User, person: User) -> str:
    """An absolute link with which `person` sets a new password once. Raises RefusedError."""
    if not may_manage(actor, person):
        raise RefusedError("Only an owner can make a reset link for an owner.")
    if not person.is_active:
        raise RefusedError(f"{person.name} is deactivated. Reactivate the account first.")
    key = default_token_generator.make_token(person)
    return absolute("account_reset_password_from_key", user_pk_to_url_str(person), key)


def forget_second_step(actor: User, person: User) -> None:
    """Remove the app, passkeys and recovery codes of somebody who lost them. Raises RefusedError."""
    if not may_manage(actor, person):
        raise RefusedError("Only an owner can turn off the second step of an owner.")
    Authenticator.objects.filter(user=person).delete()


def _change(actor: User, person: User, *, role: str, is_active: bool) -> None:
    """The only place where role and activity change, under a lock on the owners, so that one always stays."""
    if not may_manage(actor, person) or role not in dict(roles_given_by(actor)):
        raise RefusedError("Only an owner can change an owner or make one.")
    with transaction.atomic():
        owners = list(
            User.objects.select_for_update()
            .filter(role=StudioRole.OWNER, is_active=True)
            .order_by("pk")
            .values_list("pk", flat=True)
        )
        if owners == [person.pk] and not (role == StudioRole.OWNER and is_active):
            raise RefusedError("The studio needs one active owner. Make somebody else an owner first.")
        before = User.objects.filter(pk=person.pk, role=person.role, is_active=person.is_active)
        if not before.update(role=role, is_active=is_active):
            raise RefusedError(f"{person.name} was changed by somebody else just now. Look again.")
        if not is_active or role == StudioRole.MEMBER:
            Invitation.objects.open().filter(created_by=person).update(revoked_at=timezone.now())
