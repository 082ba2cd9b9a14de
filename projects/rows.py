"""Rows of a project's members as ready strings."""

from dataclasses import dataclass

from accounts.models import User
from projects.models import Project, ProjectRole


@dataclass(frozen=True, slots=True)
class MemberRow:
    uuid: str
    name: str
    initials: str
    email: str
    role: str
    role_label: str
    is_you: bool
    is_active: bool


def member_rows(project: Project, viewer: User) -> list[MemberRow]:
    memberships = project.memberships.select_related("user").order_by("user__name", "pk")
    return [
        MemberRow(
            uuid=str(m.user.uuid),
            name=m.user.name,
            initials=m.user.initials,
            email=m.user.email,
            role=m.role,
            role_label=str(ProjectRole(m.role).label),
            is_you=m.user_id == viewer.pk,
            is_active=m.user.is_active,
        )
        for m in memberships
    ]
