"""Exports: the dialog, the list with progress, and what can be done with each."""

from collections.abc import Callable, Sequence
from uuid import UUID

from django.http import FileResponse, Http404, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.signed_in import SignedIn
from delivery import exporting, naming, orders, results, rows, selection
from delivery.forms import ExportForm, SelectionForm
from delivery.models import Export, ExportState, MediaFormat
from delivery.views.downloads import asked_for, refused
from gallery import filters
from gallery.project_cards import budget_of
from generations.models import Output
from projects.models import Project

SHOWN = 100


@require_GET
def index(request: SignedIn, slug: str) -> HttpResponse:
    """The newest exports of the project; older ones than a week do not exist."""
    project = get_object_or_404(Project.objects.visible_to(request.user), slug=slug)
    exports = list(project.exports.select_related("user").order_by("-created_at", "-id")[:SHOWN])
    mine = Export.objects.steered_by(request.user).filter(project=project)
    context = {
        "project": project,
        "room": "projects",
        "budget": budget_of(project),
        "exports": rows.export_rows(exports, set(mine.values_list("pk", flat=True))),
    }
    return render(request, "delivery/exports.html", context)


@require_http_methods(["GET", "POST"])
def dialog(request: SignedIn, slug: str) -> HttpResponse:
    """Choose what becomes of the selection; POST only because many ids do not fit into an address."""
    project = get_object_or_404(Project.objects.visible_to(request.user), slug=slug)
    data = request.POST if request.method == "POST" else request.GET
    form = SelectionForm(data)
    try:
        count = len(asked_for(request, project, form, data))
    except selection.CannotDeliver as refusal:
        return _dialog(request, project, ExportForm(), str(refusal), 0, status=422)
    start = {"media_format": MediaFormat.JPEG, "id": form.cleaned_data["id"], "all": form.cleaned_data["all"]}
    context_form = ExportForm(initial=start)
    return _dialog(request, project, context_form, "", count, asked=filters.read(data))


@require_POST
def create(request: SignedIn, slug: str) -> HttpResponse:
    """Order an export; every member of the project may, since every member may download."""
    project = get_object_or_404(Project.objects.visible_to(request.user), slug=slug)
    form = ExportForm(request.POST)
    try:
        outputs = asked_for(request, project, form, request.POST)
    except selection.CannotDeliver as refusal:
        return _not_ordered(request, project, form, str(refusal), 0)
    if not form.is_valid():
        return _not_ordered(request, project, form, str(form.errors["media_format"][0]), len(outputs))
    chosen = form.cleaned_data
    export = orders.start(
        project, request.user, outputs, chosen["media_format"], with_sidecars=chosen["with_sidecars"]
    )
    if not request.headers.get("HX-Request"):
        return redirect("delivery:exports", slug=slug)
    answer = render(request, "delivery/export_dialog.html#started", {"export": _row(request, export)})
    answer["HX-Reswap"] = "delete"
    return answer


@require_GET
def progress(request: SignedIn, uuid: UUID) -> HttpResponse:
    """How far it is; once it has ended the whole row, so that the page stops asking."""
    export = _visible(request, uuid)
    if export.is_open:
        return render(request, "delivery/exports.html#progress", {"export": _row(request, export)})
    answer = _fragment(request, export)
    answer["HX-Retarget"] = f"#export-{export.uuid}"
    return answer


@require_GET
def download_file(request: SignedIn, uuid: UUID) -> HttpResponseBase:
    export = _visible(request, uuid)
    if export.state != ExportState.DONE:
        return refused(request, export.project, "This export is not ready for download.")
    made = export.created_at.strftime("%Y%m%d")
    name = naming.archive_name(export.project.slug, export.done, made, export.media_format)
    try:
        if flagged := exporting.flagged_inside(export):
            return _packed_again(request, export, flagged)
        file = (results.folder(export.uuid) / export.file).open("rb")
    except FileNotFoundError:
        raise Http404 from None
    return FileResponse(file, as_attachment=True, filename=name, content_type="application/zip")


def _packed_again(request: SignedIn, export: Export, flagged: Sequence[Output]) -> HttpResponse:
    orders.pack_again(export)
    rest = "Nothing was downloaded. The archive is made again without what is flagged, free; see Exports."
    return refused(
        request, export.project, f"Since this archive was made: {selection.left_out(flagged)}", rest
    )


@require_POST
def cancel(request: SignedIn, uuid: UUID) -> HttpResponse:
    return _steer(request, uuid, orders.cancel)


@require_POST
def retry(request: SignedIn, uuid: UUID) -> HttpResponse:
    return _steer(request, uuid, orders.retry)


@require_POST
def delete(request: SignedIn, uuid: UUID) -> HttpResponse:
    export = _steered(request, uuid)
    orders.delete(export)
    if request.headers.get("HX-Request"):
        return HttpResponse()
    return redirect("delivery:exports", slug=export.project.slug)


def _steer(request: SignedIn, uuid: UUID, act: Callable[[Export], bool]) -> HttpResponse:
    """Do it if it still can be done, and show how the export stands now."""
    export = _steered(request, uuid)
    act(export)
    if not request.headers.get("HX-Request"):
        return redirect("delivery:exports", slug=export.project.slug)
    return _fragment(request, _steered(request, uuid))


def _visible(request: SignedIn, uuid: UUID) -> Export:
    visible = Export.objects.visible_to(request.user).select_related("project", "user")
    return get_object_or_404(visible, uuid=uuid)


def _steered(request: SignedIn, uuid: UUID) -> Export:
    steered = Export.objects.steered_by(request.user).select_related("project", "user")
    return get_object_or_404(steered, uuid=uuid)


def _row(request: SignedIn, export: Export) -> rows.ExportRow:
    steered = Export.objects.steered_by(request.user).filter(pk=export.pk).exists()
    return rows.export_row(export, is_steered=steered)


def _fragment(request: SignedIn, export: Export) -> HttpResponse:
    return render(request, "delivery/exports.html#export", {"export": _row(request, export)})


def _not_ordered(request: SignedIn, project: Project, form: ExportForm, why: str, count: int) -> HttpResponse:
    if not request.headers.get("HX-Request"):
        return refused(request, project, why)
    return _dialog(request, project, form, why, count, asked=filters.read(request.POST), status=422)


def _dialog(
    request: SignedIn, project: Project, form: ExportForm, why: str, count: int,
    *, asked: filters.Filter | None = None, status: int = 200,
) -> HttpResponse:  # fmt: skip
    context = {
        "project": project,
        "form": form,
        "why": why,
        "title": f"Export {rows.stills(count)}" if count else "Export",
        "action": f"Export {rows.stills(count)} · free" if count else "",
        "asked": asked,
    }
    return render(request, "delivery/export_dialog.html", context, status=status)
