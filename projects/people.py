"""Who belongs to a project: adding, changing, removing and leaving; one producer always stays."""

from django.db import transaction

from accounts.models import User
from accounts.people import RefusedError
from projects.models import Membership, Project, ProjectRole


def add_member(project: Project, user: User, role: str) -> bool:
    """Make `user` a member; False and nothing changed when they are one already."""
    return Membership.objects.get_or_create(project=project, user=user, defaults={"role": role})[1]


def change_member(project: Project, membership: Membership, role: str) -> None:
    """Give another role. Raises RefusedError for the last producer."""
    with transaction.atomic():
        if role != ProjectRole.PRODUCER:
            _keep_a_producer(project, membership)
        Membership.objects.filter(pk=membership.pk).update(role=role)


def remove_member(project: Project, membership: Membership) -> None:
    """End a membership, by a producer or by the member. Raises RefusedError for the last producer."""
    with transaction.atomic():
        _keep_a_producer(project, membership)
        Membership.objects.filter(pk=membership.pk).delete()


def _keep_a_producer(project: Project, leaving: Membership) -> None:
    """Refuse when `leaving` is the last producer; the project row is the lock."""
    Project.objects.select_for_update().get(pk=project.pk)
    producers = Membership.objects.filter(project=project, role=ProjectRole.PRODUCER, user__is_active=True)
    if producers.filter(pk=leaving.pk).exists() and producers.count() == 1:
        raise RefusedError("A project needs one producer. Make somebody else a producer first.")
