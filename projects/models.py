"""Projects and who belongs to them: membership is the border of everything a project holds."""

from typing import Self
from uuid import uuid4

from django.db import models
from django.utils import timezone

from accounts.models import User
from elements.models import Element, ElementVersion


class ProjectRole(models.TextChoices):
    PRODUCER = "producer", "Producer"
    ARTIST = "artist", "Artist"
    REVIEWER = "reviewer", "Reviewer"


class ProjectQuerySet(models.QuerySet["Project"]):
    def visible_to(self, user: User) -> Self:
        """Projects that `user` is a member of; owners and admins of the studio see all."""
        if user.runs_studio:
            return self
        return self.filter(memberships__user=user)

    def worked_on_by(self, user: User) -> Self:
        """Projects in which `user` may generate and curate, which a reviewer may not."""
        if user.runs_studio:
            return self
        return self.filter(memberships__user=user, memberships__role__in=MAKERS)

    def led_by(self, user: User) -> Self:
        """Projects that `user` may change, staff and delete."""
        if user.runs_studio:
            return self
        return self.filter(memberships__user=user, memberships__role=ProjectRole.PRODUCER)


MAKERS = (ProjectRole.PRODUCER, ProjectRole.ARTIST)


class Project(models.Model):
    """One production: its members, references and generations."""

    uuid = models.UUIDField(default=uuid4, unique=True, editable=False)
    slug = models.SlugField(max_length=60, unique=True)
    name = models.CharField(max_length=80)
    requires_consent = models.BooleanField(default=False)
    is_sample = models.BooleanField(default=False)
    created_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    touched_at = models.DateTimeField(default=timezone.now, db_index=True)

    objects = ProjectQuerySet.as_manager()

    def __str__(self) -> str:
        return self.name


class Membership(models.Model):
    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="memberships")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=8, choices=ProjectRole, default=ProjectRole.ARTIST)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["project", "user"], name="one_membership_per_project"),
            models.CheckConstraint(
                condition=models.Q(role__in=ProjectRole.values), name="membership_role_known"
            ),
        ]


class CastMember(models.Model):
    """An element in the cast of a project, pinned to a version: newer ones wait until somebody takes them."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="cast")
    element = models.ForeignKey(Element, on_delete=models.CASCADE, related_name="roles")
    version = models.ForeignKey(ElementVersion, on_delete=models.CASCADE, related_name="+")
    cast_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["project", "element"], name="one_role_per_element")]
