"""The ledger: append-only rows in micro-USD, whose sums are what was spent and what is reserved.

Beside it the budgets that block, the thresholds they passed, and what providers say that they charged.
"""

from typing import Self
from uuid import uuid4

from django.db import models
from django.db.models import Q
from django.db.models.functions import Coalesce
from django.utils import timezone

from accounts.models import User
from projects.models import Project


class EntryKind(models.TextChoices):
    RESERVE = "reserve"
    SETTLE = "settle"
    RELEASE = "release"
    ADJUST = "adjust"


class LedgerQuerySet(models.QuerySet["LedgerEntry"]):
    def visible_to(self, user: User) -> Self:
        """All for those who run the studio; otherwise projects that `user` leads, and the person's own
        orders in projects that the person still sees."""
        if user.runs_studio:
            return self
        led = Project.objects.led_by(user).values("pk")
        seen = Project.objects.visible_to(user).values("pk")
        return self.filter(Q(project_id__in=led) | Q(project_id__in=seen, user_id=user.pk))


class LedgerEntry(models.Model):
    """One movement of money. Dimensions are copied, so that deleting a project never rewrites history.

    A reserve adds to `reserved`; the one settle or release takes the same sum off again; a settle also adds
    what was charged to `spent`; an adjust changes `spent` later. `ordered_at` is when the order was reserved,
    or for one that was imported when the provider charged it: all its entries count on that day and in that
    month.
    """

    generation = models.UUIDField()
    kind = models.CharField(max_length=8, choices=EntryKind)
    reserved = models.BigIntegerField(default=0)
    spent = models.BigIntegerField(default=0)
    project_id = models.BigIntegerField()
    user_id = models.BigIntegerField(null=True)
    model = models.CharField(max_length=20)
    route = models.CharField(max_length=20)
    note = models.CharField(max_length=200, blank=True)
    ordered_at = models.DateTimeField(default=timezone.now, editable=False)
    at = models.DateTimeField(default=timezone.now, editable=False)

    objects = LedgerQuerySet.as_manager()

    class Meta:
        # The sums stand in the indexes, so that a budget is added up without touching the rows.
        indexes = [
            models.Index(
                fields=["project_id", "user_id", "ordered_at", "spent", "reserved"], name="ledger_of_project"
            ),
            models.Index(fields=["user_id", "ordered_at", "spent", "reserved"], name="ledger_of_person"),
            models.Index(fields=["ordered_at", "spent", "reserved"], name="ledger_of_month"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["generation", "kind"],
                condition=~Q(kind=EntryKind.ADJUST),
                name="one_entry_of_a_kind_per_generation",
            ),
            models.UniqueConstraint(
                fields=["generation"],
                condition=Q(kind__in=[EntryKind.SETTLE, EntryKind.RELEASE]),
                name="settled_or_released_once",
            ),
            models.CheckConstraint(condition=Q(kind__in=EntryKind.values), name="entry_kind_known"),
            models.CheckConstraint(
                condition=Q(kind=EntryKind.RESERVE, reserved__gte=0, spent=0)
                | Q(kind=EntryKind.SETTLE, reserved__lte=0)
                | Q(kind=EntryKind.RELEASE, reserved__lte=0, spent=0)
                | Q(kind=EntryKind.ADJUST, reserved=0),
                name="entry_moves_what_its_kind_may",
            ),
        ]


class Period(models.TextChoices):
    TOTAL = "total", "In all"
    MONTH = "month", "Each month"


class BudgetQuerySet(models.QuerySet["Budget"]):
    def concerning(self, project_id: int, user_id: int | None) -> Self:
        """Budgets that an order of this person in this project counts against."""
        return self.filter(
            Q(project=None) | Q(project=project_id), Q(user=None) | Q(user__isnull=False, user=user_id)
        )

    def visible_to(self, user: User) -> Self:
        """The person's own, those of projects seen, and all of projects led or of the studio run."""
        if user.runs_studio:
            return self
        seen = Project.objects.visible_to(user).values("pk")
        led = Project.objects.led_by(user).values("pk")
        own = Q(user=user) & (Q(project=None) | Q(project__in=seen))
        return self.filter(own | Q(project__in=seen, user=None) | Q(project__in=led))

    def set_by(self, user: User) -> Self:
        """Budgets that `user` may change: all for those who run the studio, else of projects led."""
        if user.runs_studio:
            return self
        return self.filter(project__in=Project.objects.led_by(user).values("pk"))


class Budget(models.Model):
    """A limit in micro-USD for a project, a person, a person in a project, or (neither) the studio."""

    uuid = models.UUIDField(default=uuid4, unique=True, editable=False)
    project = models.ForeignKey(Project, null=True, on_delete=models.CASCADE, related_name="budgets")
    user = models.ForeignKey(User, null=True, on_delete=models.CASCADE, related_name="budgets")
    period = models.CharField(max_length=5, choices=Period)
    limit_micro_usd = models.BigIntegerField()

    objects = BudgetQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                Coalesce("project", 0), Coalesce("user", 0), "period", name="one_budget_per_scope"
            ),
            models.CheckConstraint(condition=Q(period__in=Period.values), name="budget_period_known"),
            models.CheckConstraint(condition=Q(limit_micro_usd__gte=0), name="budget_not_negative"),
        ]


class BudgetAlert(models.Model):
    """A budget reached a threshold, in percent, for the first time in a period.

    `period_start` is the first of the month, or 1 January 1970 for a budget in all.
    """

    budget = models.ForeignKey(Budget, on_delete=models.CASCADE, related_name="alerts")
    period_start = models.DateField()
    threshold = models.PositiveSmallIntegerField()
    at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["budget", "period_start", "threshold"], name="one_alert_each")
        ]


class BillLine(models.Model):
    """What a provider says that it charged for one of its jobs, in micro-USD.

    `generation` is the order that the job was for, null as long as nobody knows; `credential_id` is a plain
    number, so that a bill outlives the key it was read with.
    """

    credential_id = models.BigIntegerField()
    route = models.CharField(max_length=20)
    remote_id = models.CharField(max_length=200)
    generation = models.UUIDField(null=True, db_index=True)
    micro_usd = models.BigIntegerField()
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["route", "at"], name="bill_of_route")]
        constraints = [
            models.UniqueConstraint(fields=["route", "remote_id"], name="one_bill_line_per_remote_job")
        ]
