"""Exports as the page shows them: rows of ready strings."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.template.defaultfilters import filesizeformat

from delivery.models import Export, ExportState, MediaFormat
from delivery.sweep import KEPT
from generations import words

_KINDS = {
    ExportState.QUEUED: "info",
    ExportState.RUNNING: "info",
    ExportState.DONE: "ok",
    ExportState.FAILED: "bad",
    ExportState.CANCELLED: "warn",
}


@dataclass(frozen=True, slots=True)
class ExportRow:
    uuid: UUID
    title: str
    state: str
    kind: str
    who: str
    made: datetime
    age: str
    progress: str
    done: int
    total: int
    note: str
    size: str
    until: datetime | None
    is_open: bool
    is_ready: bool
    is_steered: bool


def export_row(export: Export, *, is_steered: bool) -> ExportRow:
    """`export` with its user loaded; `is_steered`: whether the reader may cancel, repeat and delete it."""
    state = ExportState(export.state)
    return ExportRow(
        uuid=export.uuid,
        title=f"{stills(export.total)} as {MediaFormat(export.media_format).label}",
        state=str(state.label),
        kind=_KINDS[state],
        who=str(export.user or "Somebody who left"),
        made=export.created_at,
        age=words.age(export.created_at),
        progress=_progress(export),
        done=export.done,
        total=export.total,
        note=export.error,
        size=filesizeformat(export.bytes) if export.bytes is not None else "",
        until=export.finished_at + KEPT if export.finished_at else None,
        is_open=export.is_open,
        is_ready=state == ExportState.DONE,
        is_steered=is_steered,
    )


def export_rows(exports: Iterable[Export], steered: set[int]) -> list[ExportRow]:
    return [export_row(export, is_steered=export.pk in steered) for export in exports]


def stills(count: int) -> str:
    return "1 still" if count == 1 else f"{count:,} stills"


def _progress(export: Export) -> str:
    if export.state == ExportState.QUEUED:
        return "Waiting for a worker"
    if export.done == export.total:
        return "Packing the archive"
    return f"{export.done:,} of {export.total:,} stills"
