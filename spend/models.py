"""The ledger: append-only rows in micro-USD, whose sums are what was spent and what is reserved."""

from django.db import models
from django.utils import timezone


class EntryKind(models.TextChoices):
    RESERVE = "reserve"
    SETTLE = "settle"
    RELEASE = "release"
    ADJUST = "adjust"


class LedgerEntry(models.Model):
    """One movement of money. Dimensions are copied, so that deleting a project never rewrites history.

    A reserve adds to `reserved`; the one settle or release takes the same sum off again; a settle also adds
    what was charged to `spent`; an adjust changes `spent` later.
    """

    generation = models.UUIDField()
    kind = models.CharField(max_length=8, choices=EntryKind)
    reserved = models.BigIntegerField(default=0)
    spent = models.BigIntegerField(default=0)
    project_id = models.BigIntegerField()
    user_id = models.BigIntegerField(null=True)
    model = models.CharField(max_length=20)
    route = models.CharField(max_length=20)
    at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        indexes = [models.Index(fields=["project_id", "at"])]
        constraints = [
            models.UniqueConstraint(
                fields=["generation", "kind"],
                condition=~models.Q(kind=EntryKind.ADJUST),
                name="one_entry_of_a_kind_per_generation",
            ),
            models.UniqueConstraint(
                fields=["generation"],
                condition=models.Q(kind__in=[EntryKind.SETTLE, EntryKind.RELEASE]),
                name="settled_or_released_once",
            ),
            models.CheckConstraint(condition=models.Q(kind__in=EntryKind.values), name="entry_kind_known"),
        ]
