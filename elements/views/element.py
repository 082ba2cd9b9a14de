"""The page of an element: what it is and its versions; and changing it in place."""

from collections.abc import Mapping
from http import HTTPStatus
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_POST

from accounts.people import RefusedError
from accounts.signed_in import SignedIn
from elements import consent, editing, library, photos, selection, shelf
from elements.forms import EditForm
from elements.models import Angle, Element, Kind
from elements.rules import ElementRefusedError
from gallery import element_sheet, paging, tiles, used_in
from projects.cast import cast, elements_changed_by, elements_visible_to
from projects.models import CastMember, Project

LATEST = 12
VERSIONS_BESIDE = 6


@require_GET
def overview(request: SignedIn, uuid: UUID) -> HttpResponse:
    return page_of(request, seen(request, uuid))


@require_GET
def versions(request: SignedIn, uuid: UUID) -> HttpResponse:
    element = seen(request, uuid)
    return render(request, "elements/element_versions.html", frame(request, element, "versions"))


@require_POST
def edit(request: SignedIn, uuid: UUID) -> HttpResponse:
    """Change one thing; what the library refuses stays typed in the page with the sentence beside it."""
    element = changed(request, uuid)
    form = EditForm(request.POST)
    if not form.is_valid():
        if "field" in form.errors:
            raise Http404
        return page_of(request, element, {request.POST["field"]: str(form.errors["value"][0])})
    field, value = form.cleaned_data["field"], form.cleaned_data["value"]
    try:
        said = editing.change(element, field, value, request.user)
    except ElementRefusedError as refusal:
        return page_of(request, changed(request, uuid), {field: str(refusal)}, value)
    messages.success(request, said)
    return redirect("elements:element", uuid=uuid)


@require_POST
def take_back(request: SignedIn, uuid: UUID, number: int) -> HttpResponse:
    """Make an old version current again, as a new one."""
    element = changed(request, uuid)
    version = get_object_or_404(element.versions, number=number)
    try:
        made = library.take_back(element, version, request.user)
    except ElementRefusedError as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, f"Version {made.number} looks like version {number}.")
    return redirect("elements:versions", uuid=uuid)


@require_POST
def share(request: SignedIn, uuid: UUID) -> HttpResponse:
    """Let every project use an element that belonged to one."""
    element = changed(request, uuid)
    if Element.objects.filter(pk=element.pk).exclude(project_id=None).update(project_id=None):
        messages.success(request, f"Every project can use @{element.handle} now.")
    return redirect("elements:element", uuid=uuid)


@require_POST
def cast_into(request: SignedIn, uuid: UUID) -> HttpResponse:
    """Take the element into the cast of a project that the person works on."""
    element = seen(request, uuid)
    worked_on = Project.objects.worked_on_by(request.user)
    project = get_object_or_404(worked_on, slug=request.POST.get("project", ""))
    try:
        cast(project, element)
    except RefusedError as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, f"{element.name} is in the cast of {project.name}.")
    return redirect("elements:element", uuid=uuid)


def seen(request: SignedIn, uuid: UUID) -> Element:
    visible = elements_visible_to(request.user).select_related("current", "consent")
    return get_object_or_404(visible, uuid=uuid)


def changed(request: SignedIn, uuid: UUID) -> Element:
    """The element for whoever may change it; for everybody else there is none."""
    theirs = elements_changed_by(request.user).select_related("current", "consent")
    return get_object_or_404(theirs, uuid=uuid)


def page_of(
    request: SignedIn,
    element: Element,
    errors: Mapping[str, str] | None = None,
    typed: str = "",
    status: int = HTTPStatus.UNPROCESSABLE_ENTITY,
) -> HttpResponse:
    """The overview; `errors` maps a field, or "photos", to a sentence that stands beside it."""
    errors = errors or {}
    shown = element_sheet.photos(element.current)
    latest = tiles.for_tiles(used_in.pictures(element, request.user))
    context = {
        "photos": shown,
        "front": shown[0] if shown else None,
        "slots": element_sheet.slots(shown),
        "facts": [_fact(element, name, errors, typed) for name in editing.FIELDS],
        "kind": str(Kind(element.kind).label),
        "consent_line": consent.summary(getattr(element, "consent", None), consent.today()),
        "casts": element_sheet.cast_in(element, request.user),
        "castable": element_sheet.castable(element, request.user),
        "latest": tiles.make(paging.older(latest, None, LATEST).outputs),
        "photos_error": errors.get("photos", ""),
        "angles": Angle.choices[1:],
        "providers": element_sheet.providers(element),
        **_judged(request, element),
    }
    whole = frame(request, element, "overview") | context
    return render(request, "elements/element.html", whole, status=status if errors else HTTPStatus.OK)


def frame(request: SignedIn, element: Element, tab: str) -> dict[str, object]:
    """What every page of an element shows around its own part."""
    uses = used_in.by_version(element, request.user)
    names = dict(Project.objects.visible_to(request.user).values_list("pk", "name"))
    doors = element_sheet.doors(element, request.user)
    return {
        "room": "elements",
        "element": element,
        "tab": tab,
        "may_change": elements_changed_by(request.user).filter(pk=element.pk).exists(),
        "sharing": shelf.sharing(element, names),
        "versions": element_sheet.versions(element, uses),
        "total": used_in.together(uses),
        "doors": doors,
        "sheet_price": element_sheet.sheet_price(doors),
    }


def _judged(request: SignedIn, element: Element) -> dict[str, object]:
    """The score card of the front, the guide's advice, and which photos are sent where."""
    if element.current is None:
        return {}
    cards = photos.cards(element.current, elements_visible_to(request.user))
    seen = Project.objects.visible_to(request.user)
    pins = CastMember.objects.filter(element=element, project__in=seen)
    return {
        "card": cards[0] if cards else None,
        "advice": photos.practice(element, cards, list(pins.values_list("version__number", flat=True))),
        "sent": selection.lines(photos.candidates(element.current)),
    }


def _fact(element: Element, name: str, errors: Mapping[str, str], typed: str) -> dict[str, str]:
    """One thing that can be changed in place: its name, what is typed, and what is wrong with it."""
    error = errors.get(name, "")
    return {"name": name, "value": typed if error else editing.typed(element, name), "error": error}
