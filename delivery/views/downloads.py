"""Downloads that start at once: one still, or many in an archive that is written while it is sent."""

import logging
from http import HTTPStatus
from pathlib import Path
from typing import BinaryIO
from uuid import UUID

from django.http import FileResponse, HttpResponse, HttpResponseBase, QueryDict, StreamingHttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from accounts.signed_in import SignedIn
from delivery import naming, selection, sidecar
from delivery.forms import FormatForm, SelectionForm
from gallery import filters
from generations.models import Output, Twin
from media import archive, decoder, storage
from media.serving import serve
from projects.models import Project

NOTHING_DONE = "Nothing was downloaded or changed."
DISK_FAILED = (
    "This still could not be converted, because the studio's disk is full or failing. "
    "Download the original instead, and tell whoever runs the studio."
)

log = logging.getLogger(__name__)


@require_GET
def download(request: SignedIn, uuid: UUID) -> HttpResponseBase:
    """The untouched original, with ?format= a conversion made for this answer, or with ?watermark=1 the copy
    that has the provider's watermark."""
    visible = Output.objects.visible_to(request.user).stored()
    output = get_object_or_404(selection.with_facts(visible), uuid=uuid)
    if output.is_flagged:
        return refused(request, output.project, f"This still is {selection.FLAGGED}")
    if request.GET.get("watermark") == "1":
        return _watermarked(request, output)
    form = FormatForm(request.GET)
    if not form.is_valid():
        return refused(request, output.project, str(form.errors["format"][0]))
    wanted = form.cleaned_data["format"]
    if wanted and wanted != naming.format_of(output):
        return _converted(request, output, wanted)
    assert output.blob is not None
    return serve(request, output.blob, download_name=naming.file_name(output))


@require_http_methods(["GET", "POST"])
def download_zip(request: SignedIn, slug: str) -> HttpResponseBase:
    project = get_object_or_404(Project.objects.visible_to(request.user), slug=slug)
    data = request.POST if request.method == "POST" else request.GET
    form = SelectionForm(data)
    try:
        outputs = asked_for(request, project, form, data)
    except selection.CannotDeliver as refusal:
        return refused(request, project, str(refusal))
    parts, size = archive.stream(selection.entries(outputs))
    name = naming.archive_name(slug, len(outputs), timezone.now().strftime("%Y%m%d"))
    headers = {"Content-Length": str(size), "Content-Disposition": f'attachment; filename="{name}"'}
    return StreamingHttpResponse(parts, content_type="application/zip", headers=headers)


def asked_for(request: SignedIn, project: Project, form: SelectionForm, data: QueryDict) -> list[Output]:
    """The outputs that a request selects; raises as `selection.chosen` does."""
    if not form.is_valid() and (wrong := form.errors.get("id") or form.non_field_errors()):
        raise selection.CannotDeliver(wrong[0])
    if form.cleaned_data["all"]:
        return selection.all_matching(project, request.user, filters.read(data))
    return selection.chosen(project, request.user, form.cleaned_data["id"])


def refused(
    request: SignedIn, project: Project, why: str, rest: str = NOTHING_DONE, status: int = 422
) -> HttpResponse:
    context = {"project": project, "why": why, "rest": rest}
    return render(request, "delivery/refused.html", context, status=status)


def _watermarked(request: SignedIn, output: Output) -> HttpResponseBase:
    twin = get_object_or_404(Twin.objects.select_related("blob"), output=output, blob__isnull=False)
    assert twin.blob is not None
    name = f"{naming.stem(output)}.watermark.{twin.blob.extension}"
    return serve(request, twin.blob, download_name=name)


def _converted(request: SignedIn, output: Output, wanted: str) -> HttpResponseBase:
    """A conversion that is gone from the disk once it is sent."""
    try:
        file, name = _conversion(output, wanted)
    except decoder.NotAPicture as refusal:
        return refused(request, output.project, f"This still could not be converted. {refusal}")
    except OSError as error:
        log.error("Output %s could not be converted: %s", output.uuid, error.strerror or type(error).__name__)
        return refused(request, output.project, DISK_FAILED, status=HTTPStatus.INSUFFICIENT_STORAGE)
    return FileResponse(file, as_attachment=True, filename=name)


def _conversion(output: Output, wanted: str) -> tuple[BinaryIO, str]:
    """Convert in the limited child; the file is deleted here and stays readable while it is open."""
    assert output.blob is not None
    with storage.workspace() as folder:
        target: Path = folder / naming.file_name(output, wanted)
        decoder.convert(storage.original(output.blob.sha256), target, wanted.upper(), sidecar.xmp(output))
        return target.open("rb"), target.name
