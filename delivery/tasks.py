"""What a Celery worker does for exports, and how it is told."""

import logging
from functools import partial

from celery import shared_task
from django.db import transaction
from kombu.exceptions import OperationalError

from delivery import exporting

log = logging.getLogger(__name__)


# Slices are short, but packing a large archive on a slow disk is one of them.
@shared_task(soft_time_limit=3540, time_limit=3600)
def export(export_id: int) -> None:
    if exporting.run(export_id):
        ring_export(export_id)


def ring_export(export_id: int) -> None:
    """Ask a worker, once the row is committed. A lost ring only waits for the dispatcher's next round."""
    transaction.on_commit(partial(_ring_export, export_id), robust=True)


def _ring_export(export_id: int) -> None:
    try:
        export.delay(export_id)
    except (OperationalError, OSError) as error:
        log.warning("The broker did not take a message: %s. The dispatcher will ring again.", error)
