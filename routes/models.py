"""Credentials: the keys of routes, with what is known of each account behind them; how a project chooses."""

from datetime import datetime
from typing import Self
from uuid import uuid4

from django.db import models
from django.db.models import Q
from django.utils import timezone

from accounts.models import User
from projects.models import Project


class CredentialQuerySet(models.QuerySet["Credential"]):
    def living(self) -> Self:
        return self.filter(removed_at=None)

    def visible_to(self, user: User) -> Self:
        """Keys of the studio for those who run it; a project's keys for those who lead it."""
        if user.runs_studio:
            return self
        return self.filter(project__in=Project.objects.led_by(user))

    def for_project(self, project: Project) -> Self:
        """Keys that the project's orders may use: its own, and those of the studio."""
        return self.living().filter(Q(project=None) | Q(project=project))


class Credential(models.Model):
    """A key of a route; without `project` everybody's.

    `sealed` can be written and used but is never shown; `ending` is its last characters, to tell keys apart.
    `at_once` is how many orders may be in flight (at Kling pictures), `allowance` what of it the provider
    allows just now. While `closed_until` lies ahead nothing is sent and `closed_why` says why; `failures`
    counts sendings that failed one after the other. The dispatcher answers what was asked at `test_asked_at`.
    """

    uuid = models.UUIDField(default=uuid4, unique=True, editable=False)
    route = models.CharField(max_length=20)
    project = models.ForeignKey(Project, null=True, blank=True, on_delete=models.CASCADE, related_name="keys")
    name = models.CharField(max_length=60)
    sealed = models.TextField()
    ending = models.CharField(max_length=4, blank=True)
    created_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    removed_at = models.DateTimeField(null=True)

    paused_at = models.DateTimeField(null=True)
    at_once = models.PositiveSmallIntegerField(default=8)
    allowance = models.PositiveSmallIntegerField(default=8)
    failures = models.PositiveSmallIntegerField(default=0)
    closed_until = models.DateTimeField(null=True)
    closed_why = models.CharField(max_length=500, blank=True)
    last_error = models.CharField(max_length=500, blank=True)
    last_error_at = models.DateTimeField(null=True)

    test_asked_at = models.DateTimeField(null=True)
    tested_at = models.DateTimeField(null=True)
    works = models.BooleanField(null=True)
    said = models.CharField(max_length=500, blank=True)
    balance_micro_usd = models.BigIntegerField(null=True)

    billed_at = models.DateTimeField(null=True)  # up to when its bill was read

    hook_sealed = models.TextField(blank=True)  # Kling's secret for signed callbacks
    hook_keys = models.JSONField(default=list, blank=True)  # fal's public keys, in base64
    hook_keys_at = models.DateTimeField(null=True)
    hooked_at = models.DateTimeField(null=True)  # when a webhook last came through
    hook_user_id = models.CharField(max_length=100, blank=True)  # ours at fal, which its webhooks name

    objects = CredentialQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["route", "project"], condition=Q(removed_at=None), name="living_key")]
        constraints = [
            models.CheckConstraint(condition=Q(at_once__gte=1), name="credential_at_once_positive"),
            models.CheckConstraint(condition=Q(allowance__gte=1), name="credential_allowance_positive"),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.route})"

    def is_told(self, since: datetime) -> bool:
        """Whether webhooks of this account have come through since."""
        return self.hooked_at is not None and self.hooked_at > since


class PolicyKind(models.TextChoices):
    FIXED = "fixed", "What you chose"
    CHEAPEST = "cheapest", "The cheapest"
    NEXT = "next", "The next after a refusal"


class RoutePolicy(models.Model):
    """How a project's orders find their route; a project without a row has a fixed one."""

    project = models.OneToOneField(Project, on_delete=models.CASCADE, related_name="route_policy")
    kind = models.CharField(max_length=8, choices=PolicyKind, default=PolicyKind.FIXED)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=[kind.value for kind in PolicyKind]), name="route_policy_known"
            )
        ]

    def __str__(self) -> str:
        return str(PolicyKind(self.kind).label)
