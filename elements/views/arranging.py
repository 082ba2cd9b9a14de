"""Photos of an element that is there: more of them, another front, other angles."""

from collections.abc import Sequence
from http import HTTPStatus
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_POST

from accounts.signed_in import SignedIn
from elements import arranging, arrivals, rules
from elements.library import NewPhoto
from elements.models import Angle, Element, Origin
from elements.rules import ElementRefusedError
from elements.views.element import changed, page_of
from gallery import selection
from gallery.sheet_angles import angle_of
from generations.models import Output

FLAGGED = (
    "flagged by the provider's safety check. Look at it in the gallery and press Show first; "
    "no photo was added."
)
NO_FILE = "No file arrived. Choose a photo and send it again."


@require_POST
def add(request: SignedIn, uuid: UUID) -> HttpResponse:
    """Uploaded files as photos of one angle, all in one version; what is no picture is named."""
    element = changed(request, uuid)
    angle = request.POST.get("angle", Angle.OTHER)
    files = request.FILES.getlist("file")[: rules.MOST_ANGLES + 1]
    arrived = arrivals.take_in((file.name or "", file) for file in files)
    refused = " ".join(f"{file.name}: {file.reason}" for file in arrived.refused)
    if not arrived.pictures:
        status = HTTPStatus.INSUFFICIENT_STORAGE if arrived.disk_failed else HTTPStatus.UNPROCESSABLE_ENTITY
        return page_of(request, element, {"photos": refused or NO_FILE}, status=status)
    if refused:
        messages.error(request, refused)
    return _added(request, element, [NewPhoto(blob, name, angle) for blob, name in arrived.pictures])


@require_POST
def add_pictures(request: SignedIn, uuid: UUID) -> HttpResponse:
    """Pictures that were made, as angles that are marked as generated."""
    element = changed(request, uuid)
    stored = Output.objects.visible_to(request.user).stored().filter(trashed_at=None)
    chosen = selection.all_or_none(stored, selection.named(request.POST.getlist("id")))
    outputs = chosen.select_related("blob", "generation").order_by("generation", "index")
    if flagged := sum(output.is_flagged for output in outputs):
        which = "1 of the pictures is" if flagged == 1 else f"{flagged} of the pictures are"
        return page_of(request, element, {"photos": f"{which} {FLAGGED}"})
    new = [
        NewPhoto(output.blob, f"{element.handle} {output.index + 1}", angle_of(output), Origin.GENERATED)
        for output in outputs
        if output.blob
    ]
    return _added(request, element, new)


@require_POST
def arrange(request: SignedIn, uuid: UUID) -> HttpResponse:
    """Say what a photo shows, or take it out; naming it the front swaps it with the front."""
    element = changed(request, uuid)
    try:
        photo = get_object_or_404(element.photos, uuid=UUID(request.POST.get("photo", "")))
    except ValueError as error:
        raise Http404 from error
    try:
        if request.POST.get("act") == "remove":
            version = arranging.take_out(element, photo, request.user)
        else:
            version = arranging.name_angle(element, photo, request.POST.get("angle", ""), request.user)
    except ElementRefusedError as refusal:
        return page_of(request, changed(request, uuid), {"photos": str(refusal)})
    messages.success(request, f"Version {version.number}: {version.note} The one before is kept.")
    return redirect("elements:element", uuid=uuid)


def _added(request: SignedIn, element: Element, new: Sequence[NewPhoto]) -> HttpResponse:
    try:
        version = arranging.add(element, new, request.user)
    except ElementRefusedError as refusal:
        return page_of(request, changed(request, element.uuid), {"photos": str(refusal)})
    messages.success(request, f"Version {version.number}: {version.note}")
    return redirect("elements:element", uuid=element.uuid)
