"""Rows of the people page as ready strings."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from allauth.mfa.models import Authenticator
from django.contrib.humanize.templatetags.humanize import naturaltime
from django.db.models import Count, Exists, OuterRef
from django.utils import timezone

from accounts.models import Invitation, StudioRole, User
from accounts.people import may_manage


@dataclass(frozen=True, slots=True)
class Link:
    """A secret address that is shown once."""

    address: str
    title: str
    lasts: str


@dataclass(frozen=True, slots=True)
class PersonRow:
    uuid: str
    name: str
    initials: str
    email: str
    role: str
    role_label: str
    seen: str
    projects: str
    has_second_step: bool
    is_active: bool
    is_you: bool
    may_change: bool


@dataclass(frozen=True, slots=True)
class InvitationRow:
    uuid: str
    email: str
    role: str
    project: str
    by: str
    expires: str


def person_rows(viewer: User) -> list[PersonRow]:
    """Everybody, active people first, as `viewer` may manage them."""
    second_step = Exists(Authenticator.objects.filter(user=OuterRef("pk")))
    people = User.objects.annotate(projects=Count("memberships"), has_second_step=second_step)
    return [
        PersonRow(
            uuid=str(person.uuid),
            name=person.name,
            initials=person.initials,
            email=person.email,
            role=person.role,
            role_label=str(StudioRole(person.role).label),
            seen=_ago(person.last_seen_at or person.last_login),
            projects=f"{person.projects} project{'' if person.projects == 1 else 's'}",
            has_second_step=person.has_second_step,
            is_active=person.is_active,
            is_you=person.pk == viewer.pk,
            may_change=may_manage(viewer, person),
        )
        for person in people.order_by("-is_active", "name", "pk")
    ]


def invitation_rows(invitations: Sequence[Invitation], projects: dict[int, str]) -> list[InvitationRow]:
    """`projects` gives the names of projects that invitations lead into."""
    return [
        InvitationRow(
            uuid=str(invitation.uuid),
            email=invitation.email or "Anyone with the link",
            role=str(StudioRole(invitation.role).label),
            project=_place(invitation, projects),
            by=invitation.created_by.name,
            expires=f"{(invitation.expires_at - timezone.now()).days + 1} days left",
        )
        for invitation in invitations
    ]


def _place(invitation: Invitation, projects: dict[int, str]) -> str:
    name = projects.get(invitation.project_id or 0)
    return f"{invitation.project_role} in {name}" if name else ""


def _ago(moment: datetime | None) -> str:
    return str(naturaltime(moment)) if moment else "never"
