"""What moving elements means to projects: who may merge and purge, and what becomes of their casts."""

from django.db.models import Q

from accounts.models import User
from elements.models import Element, ElementQuerySet
from projects.models import CastMember, Project


def elements_led_by(user: User) -> ElementQuerySet:
    """What `user` may merge and purge: elements of projects they lead; shared ones if they run the studio."""
    theirs = Q(project_id__in=Project.objects.led_by(user).values("pk"))
    return Element.objects.filter(theirs | Q(project_id=None) if user.runs_studio else theirs)


def recast(gone: Element, into: Element) -> None:
    """Give the roles of `gone` to `into` in their versions; where both are cast, `into` keeps its own."""
    both = CastMember.objects.filter(element=into).values("project")
    CastMember.objects.filter(element=gone).exclude(project__in=both).update(element=into)
