"""Rows for tests: plain functions with defaults that make sense, one per kind of thing."""

from accounts.models import StudioRole, User
from projects.models import Membership, Project, ProjectRole

PASSWORD = "correct horse battery"


def make_user(
    email: str = "ana@example.com", role: str = StudioRole.MEMBER, name: str = "", password: str | None = None
) -> User:
    """A user of the studio; without `password` use `client.force_login`, which spares a slow hash."""
    return User.objects.create_user(email, password, name=name, role=role)


def make_project(
    name: str = "Night Market", owner: User | None = None, slug: str = "", budget_micro_usd: int | None = None
) -> Project:
    """A project; `owner` becomes its producer."""
    slug = slug or "-".join(name.lower().split())
    project = Project.objects.create(name=name, slug=slug, created_by=owner, budget_micro_usd=budget_micro_usd)
    if owner is not None:
        make_membership(project, owner, ProjectRole.PRODUCER)
    return project


def make_membership(project: Project, user: User, role: str = ProjectRole.ARTIST) -> Membership:
    return Membership.objects.create(project=project, user=user, role=role)
