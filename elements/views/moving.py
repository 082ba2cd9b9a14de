"""Archiving, merging and purging an element; what each does is said before it is done."""

from collections.abc import Sequence
from uuid import UUID

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from django_htmx.http import HttpResponseClientRedirect

from accounts.people import RefusedError
from accounts.signed_in import SignedIn
from elements import consent, moving
from elements.models import Element, ElementQuerySet
from elements.moving_forms import MergeForm, PurgeForm
from generations.merging import repoint
from generations.models import GenerationElement
from projects.cast import elements_changed_by, elements_visible_to
from projects.models import CastMember
from projects.moving import elements_led_by, recast

CHOICES_SHOWN = 200


@require_GET
def acts(request: SignedIn, uuid: UUID) -> HttpResponse:
    """The menu of what this person may do with the element, asked for when it opens."""
    element = get_object_or_404(elements_visible_to(request.user).select_related("consent"), uuid=uuid)
    given = consent.given_by(element)
    may_change = elements_changed_by(request.user).filter(pk=element.pk).exists()
    context = {
        "element": element,
        "may_change": may_change,
        "may_lead": elements_led_by(request.user).filter(pk=element.pk).exists(),
        "has_document": may_change and given is not None and bool(consent.papers(given)),
    }
    return render(request, "elements/acts.html#items", context)


@require_POST
def archive(request: SignedIn, uuid: UUID) -> HttpResponse:
    element = get_object_or_404(elements_changed_by(request.user), uuid=uuid)
    if moving.archive(element, request.user):
        messages.success(request, f"@{element.handle} is archived. It can be brought back.")
    return redirect("elements:element", uuid=uuid)


@require_POST
def bring_back(request: SignedIn, uuid: UUID) -> HttpResponse:
    element = get_object_or_404(elements_changed_by(request.user), uuid=uuid)
    if moving.bring_back(element, request.user):
        messages.success(request, f"@{element.handle} is in the library again.")
    return redirect("elements:element", uuid=uuid)


@require_http_methods(["GET", "POST"])
def merge(request: SignedIn, uuid: UUID) -> HttpResponse:
    """Merge the element into another one, which stays."""
    gone = get_object_or_404(elements_led_by(request.user), uuid=uuid)
    choices = elements_led_by(request.user).living().exclude(pk=gone.pk)
    if request.method == "GET":
        return _merge_page(request, gone, MergeForm(gone=gone, choices=choices), choices)
    form = MergeForm(request.POST, gone=gone, choices=choices)
    if form.is_valid() and _merged(request, form, gone):
        into = form.cleaned_data["into"]
        messages.success(request, f"@{gone.handle} is part of @{into.handle} now and leads there.")
        return _away(request, reverse("elements:element", args=[into.uuid]))
    return _merge_page(request, gone, form, choices, status=422)


@require_http_methods(["GET", "POST"])
def purge(request: SignedIn, uuid: UUID) -> HttpResponse:
    """Delete the element for good, once its handle was typed."""
    element = get_object_or_404(elements_led_by(request.user).select_related("consent"), uuid=uuid)
    form = PurgeForm(request.POST if request.method == "POST" else None, element=element)
    if form.is_valid():
        moving.purge(element, request.user)
        messages.success(request, f"@{element.handle} is purged. Pictures made with it stay.")
        return _away(request, reverse("elements:library"))
    context = {"room": "elements", "element": element, "form": form, "losses": _losses(element)}
    return _dialog(request, "elements/purge.html", context, status=422 if form.is_bound else 200)


def _merged(request: SignedIn, form: MergeForm, gone: Element) -> bool:
    into = form.cleaned_data["into"]
    try:
        with transaction.atomic():
            moving.lock_for_merge(gone, into)
            repoint(gone, into)
            recast(gone, into)
            moving.merge(gone, into, request.user)
    except RefusedError as refusal:
        form.add_error("into", str(refusal))
        return False
    return True


def _merge_page(
    request: SignedIn, gone: Element, form: MergeForm, choices: ElementQuerySet, status: int = 200
) -> HttpResponse:
    same_kind = choices.filter(kind=gone.kind).order_by("handle")
    offered = same_kind.values_list("handle", "name")[:CHOICES_SHOWN]
    context = {
        "room": "elements",
        "element": gone,
        "form": form,
        "offered": list(offered),
        "moves": f"{_counted(gone.versions.count(), 'version')} and {_counted(gone.photos.count(), 'photo')}",
    }
    return _dialog(request, "elements/merge.html", context, status)


def _losses(element: Element) -> Sequence[str]:
    """What a purge deletes, and what it leaves, one line each."""
    versions, photos = element.versions.count(), element.photos.count()
    casts = CastMember.objects.filter(element=element).count()
    uses = GenerationElement.objects.filter(element=element).values("generation").distinct().count()
    given = consent.given_by(element)
    lines = [f"{_counted(versions, 'version')} and {_counted(photos, 'photo')} with their files."]
    if given is not None:
        lines.append("Its consent" + (" and the document." if consent.papers(given) else "."))
    if casts:
        lines.append(f"Its place in the cast of {_counted(casts, 'project')}.")
    lines.append("What providers keep of it is queued to be deleted there.")
    if uses:
        name = f"{_counted(uses, 'generation')} made with it"
        lines.append(f"The pictures of {name} stay and keep the name @{element.handle}.")
    return lines


def _counted(count: int, thing: str) -> str:
    return f"1 {thing}" if count == 1 else f"{count:,} {thing}s"


def _dialog(request: SignedIn, template: str, context: dict[str, object], status: int = 200) -> HttpResponse:
    """Over the page that asked for it, or a page of its own."""
    is_part = request.headers.get("HX-Request") == "true"
    return render(request, f"{template}#dialog" if is_part else template, context, status=status)


def _away(request: SignedIn, address: str) -> HttpResponse:
    """Leave the dialog for another page."""
    if request.headers.get("HX-Request") == "true":
        return HttpResponseClientRedirect(address)
    return redirect(address)
