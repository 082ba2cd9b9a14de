"""An export: pictures of a project, converted in the background and packed into one archive."""

from typing import Self
from uuid import uuid4

from django.db import models
from django.db.models import Q
from django.utils import timezone

from accounts.models import User
from projects.models import Project


class MediaFormat(models.TextChoices):
    """What can be delivered; the values are those of the address and the names those of the decoder."""

    PNG = "png", "PNG"
    JPEG = "jpeg", "JPEG"
    WEBP = "webp", "WebP"


class ExportState(models.TextChoices):
    """Who may move what stands in `delivery/exporting.py`."""

    QUEUED = "queued", "Queued"
    RUNNING = "running", "Running"
    DONE = "done", "Done"
    FAILED = "failed", "Failed"
    CANCELLED = "cancelled", "Cancelled"


OPEN = (ExportState.QUEUED, ExportState.RUNNING)


class ExportQuerySet(models.QuerySet["Export"]):
    def visible_to(self, user: User) -> Self:
        return self.filter(project__in=Project.objects.visible_to(user))

    def steered_by(self, user: User) -> Self:
        """Exports that `user` may cancel, repeat and delete: one's own, and all of a project one leads."""
        led = Q(project__in=Project.objects.led_by(user))
        return self.visible_to(user).filter(Q(user=user) | led)

    def open(self) -> Self:
        return self.filter(state__in=OPEN)


class Export(models.Model):
    """`items` freezes the primary keys of the outputs in order; `done` of them, `total` in all, are ready.

    `file` is the name of the finished archive in the export's own folder. `tries` counts claims since the
    last progress, so that an archive that kills its worker each time ends as failed.
    """

    uuid = models.UUIDField(default=uuid4, unique=True, editable=False)
    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="exports")
    user = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    media_format = models.CharField(max_length=4, choices=MediaFormat)
    with_sidecars = models.BooleanField(default=False)
    items = models.JSONField()
    total = models.PositiveSmallIntegerField()
    done = models.PositiveSmallIntegerField(default=0)

    state = models.CharField(max_length=9, choices=ExportState, default=ExportState.QUEUED)
    error = models.CharField(max_length=500, blank=True)
    fence = models.PositiveIntegerField(default=0)
    tries = models.PositiveSmallIntegerField(default=0)
    lease_until = models.DateTimeField(null=True)
    rung_at = models.DateTimeField(null=True)

    file = models.CharField(max_length=40, blank=True)
    bytes = models.BigIntegerField(null=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    finished_at = models.DateTimeField(null=True)

    objects = ExportQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["project", "-created_at", "-id"], name="export_newest"),
            models.Index(fields=["created_at", "id"], condition=Q(state__in=OPEN), name="export_open"),
            models.Index(fields=["finished_at"], condition=Q(finished_at__isnull=False), name="export_ended"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(state__in=ExportState.values), name="export_state_known"),
            models.CheckConstraint(
                condition=Q(media_format__in=MediaFormat.values), name="export_format_known"
            ),
            models.CheckConstraint(
                condition=Q(total__gte=1, done__lte=models.F("total")), name="export_done_within_total"
            ),
            models.CheckConstraint(
                condition=~Q(state="done") | (~Q(file="") & Q(bytes__isnull=False)),
                name="export_done_has_file",
            ),
        ]

    @property
    def is_open(self) -> bool:
        return self.state in OPEN
