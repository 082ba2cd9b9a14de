"""One row per distinct file, named by the SHA-256 of its bytes: pictures, undecoded documents; the epoch."""

from django.db import models
from django.db.models import Q

EXTENSIONS = {"image/jpeg": "jpg", "image/png": "png", "image/webp": "webp", "image/avif": "avif"}


class Blob(models.Model):
    """The facts of an original; as long as the row exists, it and its renditions lie in storage.

    `width` and `height` are those of the upright picture, in pixels. `phash` is a 64-bit difference hash as
    a signed integer: near pictures differ in few bits. `crc32` is unsigned and spares zips a pass. `asked_at`
    and `doomed_at` are for `media/forgetting.py`: when the same bytes last came again, and since when nothing
    may need them any more.
    """

    sha256 = models.CharField(max_length=64, unique=True)
    bytes = models.BigIntegerField()
    media_type = models.CharField(max_length=10)
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    phash = models.BigIntegerField(db_index=True)
    crc32 = models.BigIntegerField()
    created_at = models.DateTimeField(auto_now_add=True)
    asked_at = models.DateTimeField(null=True)
    doomed_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["doomed_at"], condition=Q(doomed_at__isnull=False), name="blob_to_be_forgotten"
            )
        ]
        constraints = [
            models.CheckConstraint(condition=Q(sha256__regex=r"^[0-9a-f]{64}$"), name="blob_sha256_is_hex"),
            models.CheckConstraint(
                condition=Q(bytes__gt=0, width__gt=0, height__gt=0), name="blob_has_content"
            ),
            models.CheckConstraint(condition=Q(crc32__gte=0, crc32__lt=2**32), name="blob_crc32_is_unsigned"),
            models.CheckConstraint(
                condition=Q(media_type__in=list(EXTENSIONS)),
                name="blob_is_a_known_picture",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.sha256[:12]} {self.media_type} {self.width}×{self.height}"

    @property
    def extension(self) -> str:
        """What names of the original end with, without the dot."""
        return EXTENSIONS[self.media_type]


class Document(models.Model):
    """A PDF as somebody sent it, never opened here; the two times are those of a blob."""

    sha256 = models.CharField(max_length=64, unique=True)
    bytes = models.BigIntegerField()
    created_at = models.DateTimeField(auto_now_add=True)
    asked_at = models.DateTimeField(null=True)
    doomed_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["doomed_at"], condition=Q(doomed_at__isnull=False), name="document_to_be_forgotten"
            )
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(sha256__regex=r"^[0-9a-f]{64}$"), name="document_sha256_is_hex"
            ),
            models.CheckConstraint(condition=Q(bytes__gt=0), name="document_has_content"),
        ]

    def __str__(self) -> str:
        return f"{self.sha256[:12]} PDF"


class Epoch(models.Model):
    """One row: the mark that a file on the media volume has too, unless one of them was restored."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    mark = models.CharField(max_length=32)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(id=1), name="one_epoch")]

    def __str__(self) -> str:
        return self.mark
