"""A picture's twin: its copy with the provider's watermark. What happens to it stands in watermarks.py."""

from uuid import uuid4

from django.db import models
from django.db.models import Q

from media.models import Blob


class TwinState(models.TextChoices):
    WAITING = "waiting", "Waiting"  # at the provider
    ARRIVED = "arrived", "Arrived"  # its bytes lie here and wait to be decoded
    STORED = "stored", "Stored"
    LOST = "lost", "Lost"


OPEN = (TwinState.WAITING, TwinState.ARRIVED)


class Twin(models.Model):
    """The copy of an output with the provider's watermark: no picture of the order, and no money is in it.

    `due_at` is when somebody takes it up next: while it is worked on, when that is given up for lost. `tries`
    counts all who took it up; only the last of them may write.
    """

    uuid = models.UUIDField(default=uuid4, unique=True, editable=False)
    output = models.OneToOneField("generations.Output", on_delete=models.CASCADE, related_name="twin")
    state = models.CharField(max_length=7, choices=TwinState, default=TwinState.WAITING)
    source = models.TextField(blank=True)  # sealed, as the output's
    expires_at = models.DateTimeField(null=True)
    tries = models.PositiveSmallIntegerField(default=0)
    due_at = models.DateTimeField(null=True)
    blob = models.ForeignKey(Blob, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        indexes = [models.Index(fields=["due_at"], condition=Q(due_at__isnull=False), name="twin_due")]
        constraints = [
            models.CheckConstraint(condition=Q(state__in=TwinState.values), name="twin_state_known"),
            models.CheckConstraint(
                condition=Q(state="stored", blob__isnull=False) | (~Q(state="stored") & Q(blob=None)),
                name="twin_picture_if_stored",
            ),
            models.CheckConstraint(
                condition=Q(state__in=OPEN, due_at__isnull=False)
                | (~Q(state__in=OPEN) & Q(due_at=None, source="")),
                name="twin_due_while_open",
            ),
        ]
