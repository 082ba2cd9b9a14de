"""References: uploaded, picked, named, cropped and shown."""

import logging
from dataclasses import dataclass
from http import HTTPStatus
from uuid import UUID

from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET, require_POST, require_safe

from accounts.models import User
from accounts.people import RefusedError
from accounts.signed_in import SignedIn
from elements import boxes, fetching, references
from elements.models import Fetching, Reference, WantedReference
from generations import access, words
from generations.models import Output
from generations.text import excerpt
from grammar.mentions import REFERENCE_PREFIX
from media.decoder import NotAPicture
from media.names import clean_name
from media.serving import serve, serve_veiled, withhold
from projects.models import Project

EDGES = {"512": 512, "1536": 1536, "original": None}
OUTPUTS_TO_PICK = 24
FLAGGED = (
    "was flagged by the provider's safety check. Look at it in the gallery and press Show first; "
    "nothing was made of it."
)
START_BOX = {"left": "0.1", "top": "0.1", "width": "0.8", "height": "0.8"}

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Choice:
    """A still that may become a reference."""

    uuid: str
    label: str
    thumbnail: str


@require_POST
def add(request: SignedIn, slug: str) -> HttpResponse:
    """Uploaded files, or a picture of the gallery, as chips for the composer; 422 when none succeeded.

    507 when none did because the disk took nothing.
    """
    project = access.project_worked_on_by(request.user, slug)
    if request.POST.get("address"):
        return _asked_for(request, project)
    if "output" in request.POST or "reference" in request.POST:
        taken = _picked(request, project)
    else:
        taken = _uploaded(request, project)
    chips = [references.chip(reference) for reference in taken.references]
    context = {"chips": chips, "refused": taken.refused}
    refusal = HTTPStatus.INSUFFICIENT_STORAGE if taken.disk_failed else HTTPStatus.UNPROCESSABLE_ENTITY
    status = HTTPStatus.OK if chips else refusal
    return render(request, "elements/references.html#taken", context, status=status)


@require_GET
def wanted(request: SignedIn, uuid: UUID) -> HttpResponse:
    """A reference that is fetched from an address: 204 while it is waited for, then the chip, or why not."""
    row = get_object_or_404(WantedReference.objects.select_related("reference"), uuid=uuid)
    if not Project.objects.worked_on_by(request.user).filter(pk=row.project_id).exists():
        raise Http404
    if row.state == Fetching.WAITING:
        return HttpResponse(status=HTTPStatus.NO_CONTENT)
    if row.reference is None:
        return _refused(request, row.error, HTTPStatus.UNPROCESSABLE_ENTITY)
    return render(request, "elements/references.html#taken", {"chips": [references.chip(row.reference)]})


@require_GET
def pick(request: SignedIn, slug: str) -> HttpResponse:
    """What the project already has: earlier references and its newest pictures."""
    project = access.project_worked_on_by(request.user, slug)
    shown = Output.objects.in_gallery().stored().filter(project=project, is_flagged=False)
    newest = shown.select_related("generation")
    stills = [_choice(output) for output in newest.order_by("-created_at", "-pk")[:OUTPUTS_TO_PICK]]
    context = {"recent": references.recent(project.pk), "outputs": stills}
    return render(request, "elements/references.html#pick", context)


@require_GET
def edit(request: SignedIn, uuid: UUID) -> HttpResponse:
    """The dialog of one reference: its name, a crop of it, another picture in its place."""
    return _dialog(request, _changed_by(request, uuid))


@require_POST
def rename(request: SignedIn, uuid: UUID) -> HttpResponse:
    """The reference as a chip under its new name; the dialog with a sentence where it cannot be that."""
    reference = _changed_by(request, uuid)
    try:
        renamed = references.rename(reference, request.POST.get("name", ""))
    except RefusedError as error:
        return _dialog(request, reference, wrong={"name": str(error)})
    return render(request, "elements/references.html#taken", {"chips": [references.chip(renamed)]})


@require_POST
def crop(request: SignedIn, uuid: UUID) -> HttpResponse:
    """A crop of the reference as a chip; the dialog with a sentence where there can be none."""
    reference = _changed_by(request, uuid)
    if _is_flagged(reference):
        return _dialog(request, reference, wrong={"crop": f"This picture {FLAGGED}"})
    generated = Output.objects.filter(blob=reference.blob).exists()
    try:
        box, ratio = boxes.read(request.POST), boxes.RATIOS.get(request.POST.get("ratio", ""))
        fitted = boxes.fitted(box, ratio, (reference.blob.width, reference.blob.height))
        made = references.crop(reference, fitted, request.user, generated=generated)
    except (RefusedError, NotAPicture) as error:
        return _dialog(request, reference, wrong={"crop": str(error)})
    except OSError:
        log.exception("A crop of reference %s could not be stored", reference.pk)
        return _dialog(request, reference, wrong={"crop": references.UNSTORED})
    return render(request, "elements/references.html#taken", {"chips": [references.chip(made)]})


@require_POST
def repair(request: SignedIn, uuid: UUID) -> HttpResponse:
    """A copy that every provider takes as a chip; one sentence where none can be made."""
    reference = _changed_by(request, uuid)
    if _is_flagged(reference):
        return _refused(request, f"This picture {FLAGGED}", HTTPStatus.UNPROCESSABLE_ENTITY)
    generated = Output.objects.filter(blob=reference.blob).exists()
    try:
        made = references.repair(reference, request.user, generated=generated)
    except (RefusedError, NotAPicture) as error:
        return _refused(request, str(error), HTTPStatus.UNPROCESSABLE_ENTITY)
    except OSError:
        log.exception("A copy of reference %s could not be stored", reference.pk)
        return _refused(request, references.UNSTORED, HTTPStatus.INSUFFICIENT_STORAGE)
    return render(request, "elements/references.html#taken", {"chips": [references.chip(made)]})


@require_safe
def picture(request: SignedIn, uuid: UUID, size: str) -> HttpResponseBase:
    reference = get_object_or_404(Reference.objects.select_related("blob"), uuid=uuid)
    is_visible = Project.objects.visible_to(request.user).filter(pk=reference.project_id).exists()
    if size not in EDGES or not is_visible:
        raise Http404
    if _is_flagged(reference):
        original = EDGES[size] is None
        return withhold(words.UNSEEN) if original else serve_veiled(request, reference.blob)
    return serve(request, reference.blob, edge=EDGES[size])


def _dialog(request: SignedIn, reference: Reference, wrong: dict[str, str] | None = None) -> HttpResponse:
    context = {
        "reference": reference,
        "wrong": wrong or {},
        "ratios": list(boxes.RATIOS),
        "chosen": request.POST.get("ratio", "free"),
        "sides": [(side, request.POST.get(side, value)) for side, value in START_BOX.items()],
        "name": request.POST.get("name", reference.handle.removeprefix(REFERENCE_PREFIX)),
    }
    status = HTTPStatus.UNPROCESSABLE_ENTITY if wrong else HTTPStatus.OK
    return render(request, "elements/references.html#edit", context, status=status)


def _asked_for(request: SignedIn, project: Project) -> HttpResponse:
    """A place that waits until the picture at an address was fetched."""
    try:
        row = fetching.ask(project.pk, request.POST["address"], request.user)
    except RefusedError as error:
        return _refused(request, str(error), HTTPStatus.UNPROCESSABLE_ENTITY)
    return render(request, "elements/references.html#taken", {"waiting": [row]})


def _refused(request: SignedIn, sentence: str, status: HTTPStatus) -> HttpResponse:
    refused = [references.Refused("", sentence)]
    return render(request, "elements/references.html#taken", {"refused": refused}, status=status)


def _changed_by(request: SignedIn, uuid: UUID) -> Reference:
    reference = get_object_or_404(Reference.objects.select_related("blob"), uuid=uuid)
    if not Project.objects.worked_on_by(request.user).filter(pk=reference.project_id).exists():
        raise Http404
    return reference


def _uploaded(request: SignedIn, project: Project) -> references.Taken:
    files = [(file.name or "", file) for file in request.FILES.getlist("file")]
    if not files:
        return references.Taken(
            (), (references.Refused("No file", "arrived. Choose a picture and send it again."),)
        )
    return references.take_in(project.pk, files, request.user)


def _picked(request: SignedIn, project: Project) -> references.Taken:
    """A known reference, or a still of the gallery; what is not there is said like a refused file."""
    output = _asked_output(request, project)
    reference = _known(project, request.POST.get("reference", ""))
    if (output and output.is_flagged) or (reference and _is_flagged(reference)):
        return references.Taken((), (references.Refused("This picture", FLAGGED),))
    if reference is None and output is not None:
        reference = _from_output(output, request.user)
    if reference is None:
        gone = references.Refused("This picture", "is not in this project any more. Pick another one.")
        return references.Taken((), (gone,))
    return references.Taken((reference,), ())


def _is_flagged(reference: Reference) -> bool:
    """Whether a picture of its project that nobody has looked at has the same bytes."""
    same = Output.objects.filter(project_id=reference.project_id, blob=reference.blob_id)
    return same.filter(is_flagged=True).exists()


def _known(project: Project, asked: str) -> Reference | None:
    uuid = _uuid(asked)
    return Reference.objects.of(project.pk).filter(uuid=uuid).first() if uuid else None


def _asked_output(request: SignedIn, project: Project) -> Output | None:
    uuid = _uuid(request.POST.get("output", ""))
    stored = (
        Output.objects.stored().filter(project=project, trashed_at=None).select_related("blob", "generation")
    )
    return stored.filter(uuid=uuid).first() if uuid else None


def _from_output(output: Output, user: User) -> Reference | None:
    if output.blob is None:
        return None
    name = clean_name(
        f"{excerpt(output.generation.prompt, 60) or 'still'} {output.index + 1}.{output.blob.extension}"
    )
    return references.keep(output.project_id, output.blob, name, user)


def _choice(output: Output) -> Choice:
    return Choice(
        uuid=str(output.uuid),
        label=excerpt(output.generation.prompt, 80) or "a still without words",
        thumbnail=words.picture_address(output, "512"),
    )


def _uuid(asked: str) -> UUID | None:
    try:
        return UUID(asked)
    except ValueError:
        return None
