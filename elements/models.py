"""References: uploaded or picked pictures that guide a generation."""

from typing import Self
from uuid import uuid4

from django.db import models
from django.utils import timezone

from accounts.models import User
from media.models import Blob


class ReferenceRole(models.TextChoices):
    SUBJECT = "subject", "Subject"
    SCENE = "scene", "Scene"
    COMPOSITION = "composition", "Composition"
    STYLE = "style", "Style"
    PALETTE = "palette", "Palette"
    TEXTURE = "texture", "Texture"
    PRODUCT = "product", "Product"
    LIGHTING = "lighting", "Lighting"
    CHARACTER = "character", "Character"


class ReferenceQuerySet(models.QuerySet["Reference"]):
    def of(self, project_id: int) -> Self:
        return self.filter(project_id=project_id)


class Reference(models.Model):
    """A picture of one project, kept under its content and shown under the name it came with.

    `project_id` is a plain number: projects stand above elements, so a row here cannot point up to them.
    """

    uuid = models.UUIDField(default=uuid4, unique=True, editable=False)
    project_id = models.BigIntegerField(db_index=True)
    blob = models.ForeignKey(Blob, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=120)
    created_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = ReferenceQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["project_id", "blob"], name="one_reference_per_picture")
        ]
