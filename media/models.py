"""One row per distinct picture file, named by the SHA-256 of its bytes."""

from django.db import models
from django.db.models import Q

EXTENSIONS = {"image/jpeg": "jpg", "image/png": "png", "image/webp": "webp", "image/avif": "avif"}


class Blob(models.Model):
    """The facts of an original; as long as the row exists, it and its renditions lie in storage.

    `width` and `height` are those of the upright picture, in pixels. `phash` is a 64-bit difference hash as
    a signed integer: near pictures differ in few bits. `crc32` is unsigned and spares zips a pass.
    """

    sha256 = models.CharField(max_length=64, unique=True)
    bytes = models.BigIntegerField()
    media_type = models.CharField(max_length=10)
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    phash = models.BigIntegerField(db_index=True)
    crc32 = models.BigIntegerField()
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
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
