"""The cast of a project: elements, each pinned to a version; and who sees and who changes the library."""

from dataclasses import dataclass

from django.db.models import Exists, Q

from accounts.models import User
from accounts.people import RefusedError
from elements.models import Element, ElementQuerySet, ElementVersion
from projects.models import CastMember, Project


@dataclass(frozen=True, slots=True)
class Member:
    """An element of the cast in its pinned version; `newer` is the number of a newer one, else None."""

    element: Element
    version: ElementVersion
    newer: int | None


def elements_visible_to(user: User) -> ElementQuerySet:
    """What is shared with the studio, and what belongs to the projects that `user` sees."""
    return Element.objects.filter(
        Q(project_id=None) | Q(project_id__in=Project.objects.visible_to(user).values("pk"))
    )


def elements_changed_by(user: User) -> ElementQuerySet:
    """What `user` may change: elements of projects they work on, and shared ones if they work on any."""
    worked_on = Project.objects.worked_on_by(user)
    if user.runs_studio:
        return Element.objects.filter(Q(project_id=None) | Q(project_id__in=worked_on.values("pk")))
    return Element.objects.filter(
        Q(project_id__in=worked_on.values("pk")) | Q(Exists(worked_on), project_id=None)
    )


def may_add_elements(user: User) -> bool:
    """Whoever works on a project, or runs the studio, may add to the library."""
    return user.runs_studio or Project.objects.worked_on_by(user).exists()


def cast(project: Project, element: Element, version: ElementVersion | None = None) -> CastMember:
    """Take an element into the cast, in its current version unless another is named.

    One that is there keeps the version it is pinned to. Raises RefusedError.
    """
    version = version or element.current
    if element.project_id not in (None, project.pk):
        raise RefusedError(f"@{element.handle} belongs to another project. Share it with the studio first.")
    if element.archived_at is not None:
        raise RefusedError(f"@{element.handle} is archived. Bring it back first.")
    if version is None:
        raise RefusedError(f"@{element.handle} has no photos yet. Add a front photo first.")
    return CastMember.objects.get_or_create(project=project, element=element, defaults={"version": version})[
        0
    ]


def uncast(project: Project, element: Element) -> bool:
    """Take an element out of the cast; its pictures stay. False when it was not in it."""
    return CastMember.objects.filter(project=project, element=element).delete()[0] > 0


def update_to_current(project: Project, element: Element) -> bool:
    """Pin the current version; False when the element is not in the cast or is up to date."""
    if element.current is None:
        return False
    behind = CastMember.objects.filter(project=project, element=element).exclude(version=element.current)
    return behind.update(version=element.current) > 0


def members(project: Project) -> list[Member]:
    """The cast in the order of names; archived elements stay until somebody takes them out."""
    rows = CastMember.objects.filter(project=project).select_related("element__current", "version")
    return [_member(row) for row in rows.order_by("element__name", "element__pk")]


def _member(row: CastMember) -> Member:
    current = row.element.current
    newer = current.number if current and current.number > row.version.number else None
    return Member(row.element, row.version, newer)
