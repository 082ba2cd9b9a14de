"""Photos that were sent before their element exists: stored, and held by the form as a signed mark.

Whoever sent them gets them back with every answer, so a refused form loses none of them.
"""

from dataclasses import dataclass
from datetime import timedelta

from django.core import signing
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from elements.models import Angle, StagedPhoto
from media import forgetting
from media.models import Blob

SALT = "elements.staging"
KEPT = timedelta(days=1)
AT_ONCE = 100
USUAL = (Angle.FRONT, Angle.THREE_QUARTER, Angle.PROFILE, Angle.BACK, Angle.EXPRESSION, Angle.DETAIL)


@dataclass(frozen=True, slots=True)
class Staged:
    """A stored picture, the name it came with, and the mark by which its sender names it."""

    blob: Blob
    name: str
    mark: str

    @property
    def thumbnail(self) -> str:
        return reverse("elements:staged", args=[self.mark])


def stage(blob: Blob, name: str, user: User) -> Staged:
    StagedPhoto.objects.update_or_create({"sent_at": timezone.now()}, blob=blob, user=user)
    mark = signing.dumps([blob.pk, user.pk, name], salt=SALT)
    return Staged(blob, name, mark)


def staged(mark: str, user: User) -> Staged | None:
    """What `user` sent under this mark; None for anything else."""
    try:
        blob_pk, user_pk, name = signing.loads(mark, salt=SALT)
    except (signing.BadSignature, ValueError, TypeError):
        return None
    blob = Blob.objects.filter(pk=blob_pk).first() if user_pk == user.pk else None
    return Staged(blob, name, mark) if blob else None


def usual_angle(position: int) -> str:
    """What the photo at this place most often shows."""
    return USUAL[position] if position < len(USUAL) else Angle.OTHER


def forget_unsent() -> int:
    """Let go of photos that were sent more than a day ago; elements keep theirs. Answers how many."""
    with transaction.atomic():
        old = StagedPhoto.objects.filter(sent_at__lt=timezone.now() - KEPT).select_related("blob")[:AT_ONCE]
        rows = list(old)
        StagedPhoto.objects.filter(pk__in=[row.pk for row in rows]).delete()
        forgetting.let_go([row.blob for row in rows])
    return len(rows)
