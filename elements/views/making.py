"""Making an element from photos: the form, and the photos that arrive before it is sent."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from http import HTTPStatus
from urllib.parse import urlencode

from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.signed_in import SignedIn
from elements import arrivals, library, rules, staging, twins
from elements.arrivals import Arrived
from elements.forms import NewElementForm
from elements.models import Angle, Element, ElementQuerySet, Kind
from elements.references import Refused
from elements.rules import ElementRefusedError
from elements.staging import Staged
from media.serving import serve
from projects.cast import elements_visible_to, may_add_elements

NO_PHOTO = "An element needs a front photo."
NO_FILE = Refused("No file", "arrived. Choose a photo and send it again.")
NOTHING = Arrived((), ())


@dataclass(frozen=True, slots=True)
class Chip:
    """A photo in the form; `alike` names elements with a photo that looks the same."""

    mark: str
    name: str
    thumbnail: str
    angle: str
    width: int
    height: int
    alike: tuple[Element, ...]


@require_http_methods(["GET", "POST"])
def new(request: SignedIn) -> HttpResponse:
    """The form for a new element. Photos that arrived stay in it whatever else is wrong."""
    if not may_add_elements(request.user):
        raise Http404
    if request.method == "GET":
        form = NewElementForm(user=request.user, initial={"project": request.GET.get("project", "")})
        return _page(request, form, _known(request, request.GET.getlist("photo")))
    form = NewElementForm(request.POST, user=request.user)
    fresh, arrived = _take_in(request)
    photos = [*_known(request, request.POST.getlist("photo")), *fresh]
    placed = _placed(photos, request.POST.getlist("angle"))
    form.is_valid()
    element, problem = _made(request, form, placed) if not arrived.refused else (None, "")
    if element is None:
        return _page(request, form, photos, [angle for _, angle in placed], problem, arrived)
    return redirect("elements:element", uuid=element.uuid)


@require_POST
def stage(request: SignedIn) -> HttpResponse:
    """Photos for an element that is not there yet: chips for the form; without a script the form itself."""
    if not may_add_elements(request.user):
        raise Http404
    fresh, arrived = _take_in(request)
    refused = arrived.refused or (() if fresh else (NO_FILE,))
    if request.headers.get("HX-Request") != "true":
        if not refused:
            query = urlencode({"photo": [photo.mark for photo in fresh]}, doseq=True)
            return redirect(f"{reverse('elements:new')}?{query}")
        return _page(
            request, NewElementForm(user=request.user), fresh, arrived=replace(arrived, refused=refused)
        )
    context = {"photos": _chips(request, fresh, []), "refused": refused, "angles": Angle.choices}
    status = HTTPStatus.OK if fresh else _refusal(arrived)
    return render(request, "elements/element_new.html#taken", context, status=status)


@require_safe
def staged(request: SignedIn, mark: str) -> HttpResponseBase:
    """The small rendition of a photo that this person sent."""
    photo = staging.staged(mark, request.user)
    if photo is None:
        raise Http404
    return serve(request, photo.blob, edge=512)


def _made(
    request: SignedIn, form: NewElementForm, placed: Sequence[tuple[Staged, str]]
) -> tuple[Element | None, str]:
    """The element, or None and what is wrong with its photos; the other sentences go into the form."""
    if form.errors:
        return None, "" if placed else NO_PHOTO
    said = form.cleaned_data
    is_character = said["kind"] == Kind.CHARACTER
    photos = [library.NewPhoto(photo.blob, photo.name, angle) for photo, angle in placed]
    photos.sort(key=lambda photo: photo.angle != Angle.FRONT)
    if photos and is_character:
        front = photos[0]
        photos[0] = library.NewPhoto(
            front.blob, front.name, front.angle, people=said["people"], face=form.face
        )
    values = {name: said[name] for name in ("handle", "name", "kind", "description")}
    try:
        wanted = library.NewElement(**values, photos=tuple(photos))
        return library.create(wanted, request.user, form.project_id), ""
    except ElementRefusedError as refusal:
        form.refuse(refusal.sentences)
        return None, refusal.sentences.get("photos", "")


def _take_in(request: SignedIn) -> tuple[list[Staged], Arrived]:
    """Stage what is a picture among the files of the request."""
    files = request.FILES.getlist("file")[: rules.MOST_ANGLES + 1]
    arrived = arrivals.take_in((file.name or "", file) for file in files)
    return [staging.stage(blob, name, request.user) for blob, name in arrived.pictures], arrived


def _known(request: SignedIn, marks: Sequence[str]) -> list[Staged]:
    found = (staging.staged(mark, request.user) for mark in marks[: rules.MOST_ANGLES + 5])
    return [photo for photo in found if photo]


def _placed(photos: Sequence[Staged], told: Sequence[str]) -> list[tuple[Staged, str]]:
    """Each photo with the angle that was chosen for it, or the one that its place most often has."""
    angles = [*told[: len(photos)], *(staging.usual_angle(n) for n in range(len(told), len(photos)))]
    return list(zip(photos, angles, strict=True))


def _chips(request: SignedIn, photos: Sequence[Staged], angles: Sequence[str]) -> list[Chip]:
    seen = elements_visible_to(request.user).living()
    return [_chip(photo, angle, seen) for photo, angle in _placed(photos, angles)]


def _chip(photo: Staged, angle: str, seen: ElementQuerySet) -> Chip:
    return Chip(
        mark=photo.mark,
        name=photo.name,
        thumbnail=photo.thumbnail,
        angle=angle,
        width=photo.blob.width,
        height=photo.blob.height,
        alike=tuple(twins.alike(photo.blob.phash, seen)[:3]),
    )


def _page(
    request: SignedIn,
    form: NewElementForm,
    photos: Sequence[Staged],
    angles: Sequence[str] = (),
    problem: str = "",
    arrived: Arrived = NOTHING,
) -> HttpResponse:
    context = {
        "room": "elements",
        "form": form,
        "photos": _chips(request, photos, angles),
        "angles": Angle.choices,
        "problem": problem,
        "refused": arrived.refused,
    }
    wrong = form.is_bound or arrived.refused
    status = _refusal(arrived) if wrong else HTTPStatus.OK
    return render(request, "elements/element_new.html", context, status=status)


def _refusal(arrived: Arrived) -> HTTPStatus:
    return HTTPStatus.INSUFFICIENT_STORAGE if arrived.disk_failed else HTTPStatus.UNPROCESSABLE_ENTITY
