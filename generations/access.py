"""Who may see and who may work: what is not yours is a 404."""

from django.shortcuts import get_object_or_404

from accounts.models import User
from projects.models import Project


def project_seen_by(user: User, slug: str) -> Project:
    return get_object_or_404(Project.objects.visible_to(user), slug=slug)


def project_worked_on_by(user: User, slug: str) -> Project:
    return get_object_or_404(Project.objects.worked_on_by(user), slug=slug)
