"""The cast of a project: elements, each pinned to a version."""

from elements.models import Element, ElementVersion
from projects.models import CastMember, Project


def cast(project: Project, element: Element, version: ElementVersion) -> CastMember:
    """Take an element into the cast; one that is there keeps the version it is pinned to."""
    return CastMember.objects.get_or_create(project=project, element=element, defaults={"version": version})[0]
