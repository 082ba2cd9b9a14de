"""Consent of people to being elements: the rule on what is refused, and recording it.

Consent that was given binds everywhere: once it has ended, or does not allow a use, nothing is sent. Consent
that was never given matters only to projects that require it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.db import transaction
from django.utils import dateformat, timezone

from accounts.models import User
from elements import audit
from elements.models import Consent, ConsentState, Element
from media import forgetting
from media.models import Blob, Document

USES = {"stills": "Stills", "review": "Review", "video": "Video", "publication": "Publication"}
STILLS = "stills"
LONGEST_NOTE = 400


@dataclass(frozen=True, slots=True)
class Paper:
    """What shows that consent was given: a scan or a PDF, and the name it came with."""

    file: Blob | Document
    name: str


@dataclass(frozen=True, slots=True)
class Terms:
    """What somebody records. `expires_on` is the last day. Without `paper` a document that is there stays."""

    state: str
    uses: Sequence[str]
    expires_on: date | None
    note: str
    paper: Paper | None = None
    ended_on: date | None = None


def today() -> date:
    """The day in the studio's time zone."""
    return timezone.localdate()


def refusal(element: Element, use: str, today: date, *, required: bool = False) -> str | None:
    """One sentence on why `element` may not be used so on that day; None when it may.

    `required` says whether the project requires consent.
    """
    if not element.needs_consent:
        return None
    given = given_by(element)
    if given is None:
        return _missing(element) if required else None
    if (end := ended_on(given, today)) is not None:
        return (
            f"Consent for @{element.handle} ended on {day(end)}. Nothing was sent. "
            "Renew it on the element's Consent tab."
        )
    if use not in given.uses:
        return (
            f"Consent for @{element.handle} does not allow {USES[use].lower()}. Nothing was sent. "
            "Change it on the element's Consent tab."
        )
    return None


def refusals(
    elements: Iterable[Element], project_requires: bool, today: date, use: str = STILLS
) -> list[str]:
    """A sentence for each element that may not be used, in order. Select `consent` with the elements."""
    found = (refusal(element, use, today, required=project_requires) for element in elements)
    return [sentence for sentence in found if sentence]


def given_by(element: Element) -> Consent | None:
    """The consent that was given, whether or not it still holds."""
    consent: Consent | None = getattr(element, "consent", None)
    return consent if consent and consent.state != ConsentState.NONE else None


def ended_on(consent: Consent, today: date) -> date | None:
    """The day on which consent came to its end, None while it holds. It holds through its last day."""
    if consent.ended_on is not None:
        return consent.ended_on
    expired = consent.expires_on is not None and consent.expires_on < today
    return consent.expires_on if expired else None


def may_be_taken_back(element: Element, today: date) -> bool:
    """Whether "None" may be recorded: not where that would lift a refusal."""
    return refusal(element, STILLS, today) is None


def record(element: Element, terms: Terms, user: User) -> None:
    """Write down what was agreed; a document that is not wanted any more is deleted."""
    with transaction.atomic():
        Element.objects.select_for_update().get(pk=element.pk)
        consent = Consent.objects.filter(element=element).first() or Consent(element=element)
        before = papers(consent)
        if terms.paper or terms.state != ConsentState.DOCUMENT:
            _attach(consent, terms.paper if terms.state == ConsentState.DOCUMENT else None)
        consent.state, consent.uses = terms.state, list(terms.uses)
        consent.expires_on, consent.ended_on, consent.note = terms.expires_on, terms.ended_on, terms.note
        consent.given_by, consent.given_at = user, timezone.now()
        consent.save()
        unused = [*before, *([terms.paper.file] if terms.paper else [])]
        forgetting.let_go(paper for paper in unused if paper not in papers(consent))
        audit.note(element.handle, _told(consent, terms), user.name)


def end(element: Element, user: User) -> bool:
    """End consent at once, from this moment on. False: there was none, or it had ended."""
    living = Consent.objects.filter(element=element, ended_on=None).exclude(state=ConsentState.NONE)
    with transaction.atomic():
        if not living.update(ended_on=today()):
            return False
        audit.note(element.handle, "Consent ended. Nothing more is made with this element.", user.name)
    return True


def papers(consent: Consent) -> list[Blob | Document]:
    """The document of a consent, as a list of none or one."""
    return [paper for paper in (consent.document, consent.pdf) if paper is not None]


def summary(consent: Consent | None, today: date) -> str:
    """Consent in one line, such as "Attested · stills and review · until 1 March 2027"."""
    if consent is None or consent.state == ConsentState.NONE:
        return "None"
    label = str(ConsentState(consent.state).label)
    if (end := ended_on(consent, today)) is not None:
        return f"{label} · ended on {day(end)}"
    return " · ".join((label, _uses(consent.uses), _until(consent)))


def day(date: date) -> str:
    return dateformat.format(date, "j F Y")


def ends_soon(consent: Consent, today: date, within: timedelta = timedelta(days=30)) -> bool:
    return consent.expires_on is not None and today <= consent.expires_on <= today + within


def _missing(element: Element) -> str:
    return (
        f"@{element.handle} has no consent, which this project requires. Nothing was sent. "
        "Record it on the element's Consent tab."
    )


def _attach(consent: Consent, paper: Paper | None) -> None:
    consent.document = paper.file if paper and isinstance(paper.file, Blob) else None
    consent.pdf = paper.file if paper and isinstance(paper.file, Document) else None
    consent.document_name = paper.name if paper else ""


def _told(consent: Consent, terms: Terms) -> str:
    if consent.state == ConsentState.NONE:
        return "Consent: none."
    attached = f" Attached {consent.document_name}." if terms.paper and consent.document_name else ""
    label = str(ConsentState(consent.state).label).lower()
    return f"Consent: {label}, {_uses(consent.uses)}, {_until(consent)}.{attached}"


def _uses(uses: Sequence[str]) -> str:
    """ "stills, review and video" in the order of the form."""
    words = [label.lower() for use, label in USES.items() if use in uses]
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words) or "no use"


def _until(consent: Consent) -> str:
    return f"until {day(consent.expires_on)}" if consent.expires_on else "without an end"
