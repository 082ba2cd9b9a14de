"""Elements as zips: one exported from its page, several chosen from a list, and taken in again."""

import logging
from http import HTTPStatus
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from accounts.signed_in import SignedIn
from elements import parcel
from elements.models import Element
from elements.moving_forms import ImportForm
from elements.parcel_text import ParcelRefusedError
from elements.references import UNSTORED
from media import archive
from projects.cast import elements_changed_by, elements_visible_to, may_add_elements
from projects.models import Project

LISTED = 300

log = logging.getLogger(__name__)


@require_GET
def export(request: SignedIn, uuid: UUID) -> HttpResponseBase:
    """One element in its current version; its consent document only for those who may change it."""
    with_documents = request.GET.get("documents") == "1"
    allowed = elements_changed_by(request.user) if with_documents else elements_visible_to(request.user)
    element = get_object_or_404(allowed.select_related("current", "consent"), uuid=uuid)
    return _sent([element], element.handle, with_documents=with_documents)


@require_http_methods(["GET", "POST"])
def moves(request: SignedIn) -> HttpResponseBase:
    """The page of import and export; with elements chosen, their zip."""
    chosen = request.POST.getlist("element") if request.method == "POST" else []
    if not chosen:
        why = "Choose the elements to export." if request.method == "POST" else ""
        return _page(request, why=why, status=422 if why else 200)
    if len(chosen) > parcel.MOST_ELEMENTS:
        why = f"{len(chosen)} elements are chosen; an archive holds at most {parcel.MOST_ELEMENTS}."
        return _page(request, why=why, status=422)
    elements = _chosen(request, chosen)
    day = timezone.localtime().strftime("%Y%m%d")
    return _sent(elements, f"{len(elements)}-elements-{day}", with_documents=False)


@require_http_methods(["GET", "POST"])
def take_in(request: SignedIn) -> HttpResponse:
    """Import a zip: all of its elements or none."""
    if not may_add_elements(request.user):
        raise Http404
    if request.method == "GET":
        return redirect("elements:moves")
    projects = {row.slug: row for row in _projects(request)}
    form = ImportForm(request.POST, request.FILES, projects=[(s, row.name) for s, row in projects.items()])
    if not form.is_valid():
        return _page(request, form, status=422)
    said = form.cleaned_data
    project = projects.get(said["project"])
    try:
        made = parcel.take_in(
            said["file"], request.user, project.pk if project else None, free_handles=said["free_handles"]
        )
    except ParcelRefusedError as refusal:
        form.add_error("file", str(refusal))
        return _page(request, form, status=422)
    except OSError as error:
        log.error("A parcel could not be stored: %s", error.strerror or type(error).__name__)
        form.add_error("file", UNSTORED)
        return _page(request, form, status=HTTPStatus.INSUFFICIENT_STORAGE)
    messages.success(request, _imported(made))
    return redirect("elements:element", uuid=made[0].uuid) if len(made) == 1 else redirect("elements:library")


def _sent(elements: list[Element], name: str, *, with_documents: bool) -> HttpResponseBase:
    parts, size = archive.stream(parcel.entries(elements, with_documents=with_documents))
    headers = {"Content-Length": str(size), "Content-Disposition": f'attachment; filename="{name}.zip"'}
    return StreamingHttpResponse(parts, content_type="application/zip", headers=headers)


def _chosen(request: SignedIn, asked: list[str]) -> list[Element]:
    """The elements in the order of their handles; one that is not there for this person refuses all."""
    try:
        uuids = {UUID(uuid) for uuid in asked}
    except ValueError:
        raise Http404 from None
    seen = elements_visible_to(request.user).filter(uuid__in=uuids)
    found = list(seen.select_related("current", "consent").prefetch_related("tags").order_by("handle"))
    if len(found) < len(uuids):
        raise Http404
    return found


def _projects(request: SignedIn) -> list[Project]:
    return list(Project.objects.worked_on_by(request.user).order_by("name", "pk"))


def _imported(made: list[Element]) -> str:
    handles = ", ".join(f"@{element.handle}" for element in made[:5])
    more = f" and {len(made) - 5} more" if len(made) > 5 else ""
    return f"Imported {handles}{more}."


def _page(
    request: SignedIn, form: ImportForm | None = None, why: str = "", status: int = 200
) -> HttpResponse:
    may_add = may_add_elements(request.user)
    listed = elements_visible_to(request.user).living().order_by("handle")
    context = {
        "room": "elements",
        "form": form or ImportForm(projects=[(row.slug, row.name) for row in _projects(request)]),
        "may_add": may_add,
        "why": why,
        "elements": list(listed.values("uuid", "handle", "name")[:LISTED]),
        "most": parcel.MOST_ELEMENTS,
    }
    return render(request, "elements/moves.html", context, status=status)
