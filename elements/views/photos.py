"""The page of a photo: its score card, its marks, cropping it, and putting another in its place."""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_POST

from accounts.people import RefusedError
from accounts.signed_in import SignedIn
from elements import boxes, photo_page, photos, retouching
from elements.models import ElementQuerySet, Photo
from elements.references import UNSTORED
from media import intake
from media.facts import Box
from projects.cast import elements_changed_by, elements_visible_to

NO_FILE = "No file arrived. Choose a photo and send it again."
NOT_COUNTED = f"Give the people in the photo as a number from 0 to {photos.MOST_PEOPLE}."
NO_EXPRESSION = "Choose an expression from the list."
NO_RATIO = "Choose a ratio from the list."

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Wrong:
    """What was refused: in which part of the page ("mark", "crop", "replace", "copy"), and why."""

    part: str
    sentence: str
    status: int = HTTPStatus.UNPROCESSABLE_ENTITY


@require_GET
def show(request: SignedIn, uuid: UUID) -> HttpResponse:
    return _page(request, _photo(uuid, elements_visible_to(request.user)))


@require_POST
def mark(request: SignedIn, uuid: UUID) -> HttpResponse:
    """The face (or none, when all four numbers are empty), how many people, and the expression."""
    photo = _photo(uuid, elements_changed_by(request.user))
    try:
        face = _box(request.POST) if any(request.POST.get(side) for side in boxes.SIDES) else None
        photos.mark(photo, face, _people(request.POST), _expression(request.POST))
    except (RefusedError, intake.NotAPicture, OSError) as error:
        return _page(request, photo, _wrong("mark", error))
    messages.success(request, "The marks are kept, and the photo was measured again.")
    return redirect("elements:photo_page", uuid=photo.uuid)


@require_POST
def crop(request: SignedIn, uuid: UUID) -> HttpResponse:
    """A box in fractions of the photo, and a ratio that it is made to have."""
    photo = _photo(uuid, elements_changed_by(request.user))
    return _made(
        request, photo, "crop", lambda: retouching.crop(photo, _window(request.POST, photo), request.user)
    )


@require_POST
def soften(request: SignedIn, uuid: UUID) -> HttpResponse:
    photo = _photo(uuid, elements_changed_by(request.user))
    return _made(request, photo, "copy", lambda: retouching.soften(photo, request.user))


@require_POST
def repair(request: SignedIn, uuid: UUID) -> HttpResponse:
    photo = _photo(uuid, elements_changed_by(request.user))
    return _made(request, photo, "copy", lambda: retouching.repair(photo, request.user))


@require_POST
def replace(request: SignedIn, uuid: UUID) -> HttpResponse:
    """Another file in this photo's place."""
    photo = _photo(uuid, elements_changed_by(request.user))
    file = request.FILES.get("file")
    if file is None:
        return _page(request, photo, Wrong("replace", NO_FILE))
    name = intake.clean_name(file.name or "")
    return _made(
        request,
        photo,
        "replace",
        lambda: retouching.replace(photo, intake.store(file), name, request.user),
    )


def _made(request: SignedIn, photo: Photo, part: str, make: Callable[[], Photo]) -> HttpResponse:
    """Make another photo and go to its page, or say in this part of the page why there is none."""
    try:
        new = make()
    except (RefusedError, intake.NotAPicture, OSError) as error:
        return _page(request, photo, _wrong(part, error))
    version = new.element.current
    messages.success(request, f"{version.note if version else ''} This is {version}; the one before is kept.")
    if request.POST.get("then") == "element":
        return redirect("elements:element", uuid=new.element.uuid)
    return redirect("elements:photo_page", uuid=new.uuid)


def _photo(uuid: UUID, elements: ElementQuerySet) -> Photo:
    rows = Photo.objects.select_related("blob", "element__current", "crop_of", "created_by")
    return get_object_or_404(rows.filter(element__in=elements.values("pk")), uuid=uuid)


def _wrong(part: str, error: Exception) -> Wrong:
    if isinstance(error, OSError):
        log.error("A photo could not be written: %s", error.strerror or type(error).__name__)
        return Wrong(part, UNSTORED, HTTPStatus.INSUFFICIENT_STORAGE)
    return Wrong(part, str(error))


def _page(request: SignedIn, photo: Photo, wrong: Wrong | None = None) -> HttpResponse:
    typed = request.POST if wrong else {}
    photo.refresh_from_db()
    context = {
        "room": "elements",
        "wrong": wrong,
        "may_change": elements_changed_by(request.user).filter(pk=photo.element_id).exists(),
        "sheet": photo_page.sheet(photo, elements_visible_to(request.user)),
        "mark": photo_page.mark_fields(photo, typed if wrong and wrong.part == "mark" else {}),
        "crop": photo_page.crop_fields(photo, typed if wrong and wrong.part == "crop" else {}),
    }
    return render(request, "elements/photo.html", context, status=wrong.status if wrong else HTTPStatus.OK)


def _box(told: Mapping[str, str]) -> Box:
    return boxes.read({side: told.get(side, "") for side in boxes.SIDES})


def _window(told: Mapping[str, str], photo: Photo) -> Box:
    ratio = told.get("ratio", "free")
    if ratio not in boxes.RATIOS:
        raise RefusedError(NO_RATIO)
    return boxes.fitted(_box(told), boxes.RATIOS[ratio], (photo.blob.width, photo.blob.height))


def _people(told: Mapping[str, str]) -> int | None:
    count = told.get("people", "").strip()
    if not count:
        return None
    if not (count.isascii() and count.isdigit() and len(count) < 4 and int(count) <= photos.MOST_PEOPLE):
        raise RefusedError(NOT_COUNTED)
    return int(count)


def _expression(told: Mapping[str, str]) -> str:
    chosen = told.get("expression", "")
    if chosen not in photos.EXPRESSIONS:
        raise RefusedError(NO_EXPRESSION)
    return chosen
