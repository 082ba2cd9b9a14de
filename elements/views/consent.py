"""The Consent tab of an element: shown, changed, ended; its document is only ever downloaded."""

import logging
from dataclasses import dataclass
from http import HTTPStatus
from uuid import UUID

from django.contrib import messages
from django.contrib.humanize.templatetags.humanize import naturalday
from django.db.models import Max
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.signed_in import SignedIn
from elements import consent
from elements.consent_form import ConsentForm
from elements.models import Consent, Element, LibraryEvent
from elements.references import UNSTORED
from elements.views.element import frame
from media import documents
from media.intake import NotAPicture
from media.models import Document
from media.serving import serve
from projects.cast import elements_changed_by, elements_visible_to
from projects.models import Project

HISTORY_SHOWN = 50

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the history."""

    text: str
    by: str
    on: str


@dataclass(frozen=True, slots=True)
class Sheet:
    """Consent as ready strings; `mark` is ok, warn or bad."""

    summary: str
    mark: str
    note: str
    recorded: str
    document: str
    may_end: bool


@require_http_methods(["GET", "POST"])
def sheet(request: SignedIn, uuid: UUID) -> HttpResponse:
    if request.method == "GET":
        return _page(request, _seen(request, uuid))
    element = _changed(request, uuid)
    form = ConsentForm(request.POST, request.FILES, element=element, today=consent.today())
    status = _record(request, element, form)
    if status != HTTPStatus.OK:
        return _page(request, element, form, status)
    messages.success(request, f"Consent for @{element.handle} is recorded.")
    return redirect("elements:consent", uuid=uuid)


@require_POST
def end(request: SignedIn, uuid: UUID) -> HttpResponse:
    """End it at once; what waits in the queue is refused from now on."""
    element = _changed(request, uuid)
    if consent.end(element, request.user):
        messages.success(request, f"Consent for @{element.handle} has ended. Nothing more is made with it.")
    return redirect("elements:consent", uuid=uuid)


@require_safe
def document(request: SignedIn, uuid: UUID) -> HttpResponseBase:
    """The signed paper, for those who may change the element."""
    given = consent.given_by(_changed(request, uuid))
    papers = consent.papers(given) if given else []
    if given is None or not papers:
        raise Http404
    if isinstance(papers[0], Document):
        return documents.serve(papers[0], given.document_name)
    return serve(request, papers[0], download_name=given.document_name)


def _record(request: SignedIn, element: Element, form: ConsentForm) -> HTTPStatus:
    """Write it down, or say at the field why not."""
    if not form.is_valid():
        return HTTPStatus.UNPROCESSABLE_ENTITY
    try:
        consent.record(element, form.terms(form.paper()), request.user)
    except (NotAPicture, documents.NotADocument) as refusal:
        form.add_error("document", str(refusal))
        return HTTPStatus.UNPROCESSABLE_ENTITY
    except OSError as error:
        log.error("A consent document could not be stored: %s", error.strerror or type(error).__name__)
        form.add_error("document", UNSTORED)
        return HTTPStatus.INSUFFICIENT_STORAGE
    return HTTPStatus.OK


def _seen(request: SignedIn, uuid: UUID) -> Element:
    return get_object_or_404(elements_visible_to(request.user).select_related("consent__given_by"), uuid=uuid)


def _changed(request: SignedIn, uuid: UUID) -> Element:
    """The element for whoever may change it; for everybody else there is none."""
    return get_object_or_404(elements_changed_by(request.user).select_related("consent"), uuid=uuid)


def _page(
    request: SignedIn, element: Element, form: ConsentForm | None = None, status: int = 200
) -> HttpResponse:
    today = consent.today()
    around = frame(request, element, "consent")
    empty = ConsentForm(element=element, today=today) if around["may_change"] else None
    context = around | {
        "sheet": _sheet(element),
        "form": form or empty,
        "history": _history(element),
        "requiring": list(
            Project.objects.visible_to(request.user).filter(requires_consent=True, cast__element=element)
        ),
    }
    return render(request, "elements/consent.html", context, status=status)


def _sheet(element: Element) -> Sheet:
    today, given = consent.today(), consent.given_by(element)
    if given is None:
        return Sheet(
            consent.summary(None, today), "warn" if element.needs_consent else "ok", "", "", "", False
        )
    has_ended = consent.ended_on(given, today) is not None
    refused = consent.refusal(element, consent.STILLS, today) is not None
    soon = consent.ends_soon(given, today)
    return Sheet(
        summary=consent.summary(given, today),
        mark="bad" if refused else "warn" if soon else "ok",
        note=given.note,
        recorded=_recorded(given),
        document=given.document_name if consent.papers(given) else "",
        may_end=not has_ended,
    )


def _recorded(given: Consent) -> str:
    by = f" by {given.given_by.name}" if given.given_by else ""
    return f"{consent.day(timezone.localtime(given.given_at).date())}{by}"


def _history(element: Element) -> list[Line]:
    """Every change of consent under any handle that the element had, the newest first."""
    events = LibraryEvent.objects.filter(handle__in=element.handles.values("handle"))
    # What had the handle before was purged.
    begin = events.filter(text__startswith="Purged").aggregate(last=Max("pk"))["last"] or 0
    events = events.filter(text__startswith="Consent", pk__gt=begin)
    return [
        Line(event.text, event.actor, str(naturalday(timezone.localtime(event.at), "j F Y")))
        for event in events.order_by("-pk")[:HISTORY_SHOWN]
    ]
