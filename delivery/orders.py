"""What people do with exports: order, cancel, order again, delete."""

from collections.abc import Sequence

from django.utils import timezone

from accounts.models import User
from delivery import results, tasks
from delivery.models import Export, ExportState
from generations.models import Output
from projects.models import Project


def start(
    project: Project, user: User, outputs: Sequence[Output], media_format: str, *, with_sidecars: bool
) -> Export:
    """Freeze which pictures are wanted and ring for a worker."""
    export = Export.objects.create(
        project=project,
        user=user,
        media_format=media_format,
        with_sidecars=with_sidecars,
        items=[output.pk for output in outputs],
        total=len(outputs),
        rung_at=timezone.now(),
    )
    tasks.ring_export(export.pk)
    return export


def cancel(export: Export) -> bool:
    """Stop it and drop what was made; False: it had already ended."""
    now = timezone.now()
    stopped = Export.objects.open().filter(pk=export.pk)
    if not stopped.update(state=ExportState.CANCELLED, lease_until=None, finished_at=now):
        return False
    results.discard(export.uuid)
    return True


def retry(export: Export) -> bool:
    """Queue a failed or cancelled export again; False: it is under way or done."""
    return _queue_again(export, (ExportState.FAILED, ExportState.CANCELLED))


def pack_again(export: Export) -> bool:
    """Have a finished archive made once more, which takes the place of the old one; False: it is not done."""
    return _queue_again(export, (ExportState.DONE,))


def _queue_again(export: Export, among: Sequence[ExportState]) -> bool:
    again = Export.objects.filter(pk=export.pk, state__in=among).update(
        state=ExportState.QUEUED, error="", file="", bytes=None,
        done=0, tries=0, finished_at=None, rung_at=timezone.now(),
    )  # fmt: skip
    if again:
        tasks.ring_export(export.pk)
    return bool(again)


def delete(export: Export) -> None:
    """Remove the row and its archive; a worker that is at it notices and stops."""
    Export.objects.filter(pk=export.pk).delete()
    results.discard(export.uuid)
