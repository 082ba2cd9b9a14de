"""Letting go of bytes that nothing uses any more.

Somebody may send the same bytes again while they are being deleted. So the row is the lock: files go while it
is held and with it, and whoever takes bytes in either finds the row gone and stores them anew, or marks it as
asked for (`intake.store`, `documents.store`), and a row asked for a moment ago is let alone until `sweep`.
"""

import logging
from collections.abc import Callable, Iterable
from datetime import timedelta
from functools import partial

from django.db import transaction
from django.db.models import ProtectedError, QuerySet
from django.utils import timezone

from media import storage
from media.models import Blob, Document

# Longer than anybody takes between storing bytes and writing the row that uses them.
ASKED_WITHIN = timedelta(minutes=10)

log = logging.getLogger(__name__)


def let_go(rows: Iterable[Blob | Document]) -> None:
    """Call inside the transaction that removes uses: what has none left is deleted once it is committed."""
    for row in rows:
        model = type(row)
        model.objects.filter(pk=row.pk).update(doomed_at=timezone.now())
        # Robust: what fails now is done by the sweep.
        transaction.on_commit(partial(_delete, model, row.pk), robust=True)


def let_go_later(blobs: QuerySet[Blob]) -> int:
    """Like `let_go`, for any number: what has no use left is deleted by the sweep. Answers how many."""
    return blobs.update(doomed_at=timezone.now())


def sweep() -> int:
    """Delete what could not be deleted at once; answer how many files with their rows are gone."""
    gone = 0
    for model in (Blob, Document):
        for pk in model.objects.filter(doomed_at__isnull=False).values_list("pk", flat=True)[:100]:
            gone += _delete(model, pk)
    return gone


def _delete(model: type[Blob] | type[Document], pk: int) -> bool:
    """Delete row and files unless something uses them, or somebody asked for them a moment ago."""
    remove: Callable[[str], None] = storage.delete if model is Blob else storage.delete_document
    with transaction.atomic():
        row = model.objects.select_for_update().filter(pk=pk, doomed_at__isnull=False).first()
        if row is None or (row.asked_at and row.asked_at > timezone.now() - ASKED_WITHIN):
            return False
        try:
            with transaction.atomic():
                row.delete()
        except ProtectedError:
            model.objects.filter(pk=pk).update(doomed_at=None)
            return False
        # Should the disk refuse, the row stays and the sweep tries again.
        remove(row.sha256)
    log.info("Deleted the bytes of a %s that nothing uses", model.__name__.lower())
    return True
