"""The work on an export: claimed under fence and lease, done in slices, packed, and moved into place.

    queued -> running -> done | failed        queued, running -> cancelled        failed, cancelled -> queued
    done -> queued (a picture in it was flagged since)

Every picture made stays in the export's folder, so whoever takes over goes on where the last one stopped.
"""

import logging
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from zipfile import ZipFile

from django.conf import settings
from django.db.models import F, Q
from django.utils import timezone

from delivery import naming, results, selection, sidecar
from delivery.models import OPEN, Export, ExportQuerySet, ExportState
from generations.models import Output
from media import archive, decoder, storage
from media.archive import Entry
from media.decoder import NotAPicture

log = logging.getLogger(__name__)
# Longer than one picture may take to convert.
LEASE = timedelta(seconds=30 * settings.HORIZON_SCALE)
TRIES = 5
# Seconds after which the worker makes room for pictures that somebody waits for.
SLICE = 20.0
RENEW_EVERY = LEASE.total_seconds() / 6


class Lost(Exception):  # noqa: N818 - not an error: somebody cancelled or took over
    """The export is no longer this worker's to make."""


@dataclass(frozen=True, slots=True)
class Claim:
    """The right to work on one export until its lease ends; a higher fence takes it away."""

    export_id: int
    fence: int


def run(export_id: int) -> bool:
    """Work on the export for one slice if nobody else does. True: ring again, there is more to do."""
    held = claim(export_id)
    return held is not None and work(held)


def claim(export_id: int) -> Claim | None:
    """Take an open export whose lease is free. None: nothing to do here."""
    now = timezone.now()
    free = Export.objects.open().filter(Q(lease_until=None) | Q(lease_until__lt=now), pk=export_id)
    taken = free.update(
        state=ExportState.RUNNING, fence=F("fence") + 1, tries=F("tries") + 1, lease_until=now + LEASE
    )
    if not taken:
        return None
    return Claim(export_id, Export.objects.values_list("fence", flat=True).get(pk=export_id))


def work(held: Claim) -> bool:
    """One slice of the export under its claim. True: there is more to do."""
    export = _held(held).select_related("project").first()
    if export is None:
        return False
    if export.tries > TRIES:
        _fail(held, export, "Making this archive stopped several times without an answer. Try fewer stills.")
        return False
    try:
        return _make(held, export)
    except Lost:
        _clean_up(export)
    except NotAPicture as refusal:
        _fail(held, export, str(refusal))
    except OSError as error:
        log.exception("Export %s could not be written", export.uuid)
        _fail(held, export, f"The server could not write the archive: {error.strerror}. Nothing was changed.")
    return False


def _make(held: Claim, export: Export) -> bool:
    room = results.make_room(export.uuid)
    there = _outputs(export)
    outputs = [output for output in there if not output.is_flagged]
    until = time.monotonic() + SLICE
    for number, output in enumerate(outputs, start=1):
        if _convert(room, export, output, held):
            _progress(held, number)
            if time.monotonic() > until and number < len(outputs):
                _held(held).update(lease_until=None, rung_at=timezone.now())
                return True
    remark = _remark(export, there)
    _finish(held, export, _pack(held, export, outputs, room, remark), len(outputs), remark)
    return False


def _outputs(export: Export) -> list[Output]:
    """The frozen pictures that still exist, in their order."""
    found = {
        output.pk: output
        for output in selection.with_facts(Output.objects.stored().filter(pk__in=export.items))
    }
    return [found[key] for key in export.items if key in found]


def flagged_inside(export: Export) -> list[Output]:
    """The pictures in the finished archive that are flagged now. FileNotFoundError where it has none."""
    flagged = Output.objects.filter(pk__in=export.items, is_flagged=True)
    outputs = list(selection.with_facts(flagged).order_by("pk"))
    if not outputs:
        return []
    with ZipFile(results.folder(export.uuid) / export.file) as archive:
        names = archive.namelist()
    return [output for output in outputs if any(name.startswith(naming.stem(output)) for name in names)]


def _picture(room: Path, export: Export, output: Output) -> Path:
    """Where the picture in the wanted format lies: the untouched original if it has that format."""
    assert output.blob is not None
    if naming.format_of(output) == export.media_format:
        return storage.original(output.blob.sha256)
    return room / f"{output.uuid.hex}.{naming.ENDINGS[export.media_format]}"


def _convert(room: Path, export: Export, output: Output, held: Claim) -> bool:
    """Make the picture unless it is there; False: there was nothing to make."""
    target = _picture(room, export, output)
    if target.is_file() or target.parent != room:
        return False
    assert output.blob is not None
    part = room / f"{output.uuid.hex}-{held.fence}.part"
    source = storage.original(output.blob.sha256)
    try:
        decoder.convert(source, part, export.media_format.upper(), sidecar.xmp(output))
    except NotAPicture as refusal:
        raise NotAPicture(f"{naming.file_name(output)} could not be converted. {refusal}") from refusal
    part.replace(target)
    return True


def _pack(held: Claim, export: Export, outputs: Sequence[Output], room: Path, remark: str) -> Path:
    """Write the archive beside the pictures and give it its name; the lease is kept meanwhile."""
    part = room / f"archive-{held.fence}.part"
    parts, _ = archive.stream(_entries(room, export, outputs, remark))
    renew_at = time.monotonic()
    with part.open("wb") as file:
        for piece in parts:
            file.write(piece)
            if time.monotonic() >= renew_at:
                _progress(held, len(outputs), tried=True)
                renew_at = time.monotonic() + RENEW_EVERY
    return results.keep(part, f"archive-{held.fence}.zip")


def _entries(room: Path, export: Export, outputs: Sequence[Output], remark: str) -> Iterator[Entry]:
    for output in outputs:
        yield Entry(naming.file_name(output, export.media_format), _picture(room, export, output))
        if export.with_sidecars:
            yield Entry(f"{naming.stem(output)}.json", sidecar.as_bytes(output))
    if remark:
        yield Entry("stills are missing.txt", f"{remark}\n".encode())


def _progress(held: Claim, done: int, *, tried: bool = False) -> None:
    """Renew the lease and show how far it is; Lost if the claim no longer holds."""
    fresh = {} if tried else {"tries": 0}
    if not _held(held).update(done=done, lease_until=timezone.now() + LEASE, **fresh):
        raise Lost


def _finish(held: Claim, export: Export, made: Path, count: int, remark: str) -> None:
    finished = _held(held).update(
        state=ExportState.DONE, file=made.name, bytes=made.stat().st_size, done=count,
        error=remark[:500], lease_until=None, finished_at=timezone.now(),
    )  # fmt: skip
    if not finished:
        made.unlink(missing_ok=True)
        raise Lost
    results.keep_only(export.uuid, made.name)


def _fail(held: Claim, export: Export, reason: str) -> None:
    failed = _held(held).update(
        state=ExportState.FAILED, error=reason[:500], lease_until=None, finished_at=timezone.now()
    )
    if failed:
        results.discard(export.uuid)


def _clean_up(export: Export) -> None:
    """A cancelled or deleted export leaves nothing behind; one that somebody took over is theirs."""
    if not Export.objects.filter(pk=export.pk, state__in=(*OPEN, ExportState.DONE)).exists():
        results.discard(export.uuid)


def _held(held: Claim) -> ExportQuerySet:
    return Export.objects.filter(pk=held.export_id, fence=held.fence, state=ExportState.RUNNING)


def _remark(export: Export, there: Sequence[Output]) -> str:
    """What of the order is not in the archive, and why; empty where nothing is missing."""
    gone = export.total - len(there)
    deleted = f"{gone} {'still was' if gone == 1 else 'stills were'} deleted before this export was made."
    flagged = [output for output in there if output.is_flagged]
    return " ".join([*([deleted] if gone else []), *([selection.left_out(flagged)] if flagged else [])])
