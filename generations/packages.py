"""What sending a queued generation needs: its order, its endpoint, and inputs that are known already."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import cast
from uuid import UUID

from django.db import IntegrityError
from django.db.models import Max, Q
from django.utils import timezone

from elements.models import ElementHandle, RemoteCopy
from generations import consent, ordering, stumbles
from generations.attempts import number_of
from generations.models import Attempt, Generation, GenerationElement, State
from generations.prepared import GivenKeys, PreparedQuery, moment
from generations.tickets import Ticket
from providers import catalogue
from providers.base import Blame, Body, ElementFile, Order, Prepared, Refused
from providers.catalogue import Endpoint
from routes.models import Credential

log = logging.getLogger(__name__)
LONG = 300  # longer than this is data and no name: neither kept nor committed with the attempt
_MARK = "framehouse-file:"
GONE = "What this order was made with is not there any more. Nothing was sent or charged."


@dataclass(frozen=True, slots=True)
class Package:
    """`known` holds what the account's provider knows inputs as, by content: a SHA-256 or "mara@3"."""

    order: Order
    endpoint: Endpoint
    account: str
    number: int  # of the attempt to come, from 1
    attempt: UUID  # what the provider will know it as
    known: Mapping[str, str] = field(default_factory=dict)


# Only what is sent: the rest of three wide rows would cost as much again as reading these.
_SENT_WITH = (
    *("uuid", "fence", "route", "endpoint", "request", "width", "height", "media_format", "resolution"),
    *("count", "is_series", "seed", "project__requires_consent", "credential__uuid"),
)


def load(tickets: Sequence[Ticket]) -> list[tuple[Ticket, Package | Refused]]:
    """What each claimed generation needs, or why it may not be sent; those of somebody else are left out."""
    wanted = {ticket.generation_id: ticket for ticket in tickets}
    found = _SENT.rows({"generations": wanted})
    keys = {"generations": [one.pk for one in found]}
    last, cast = dict(_LAST.rows(keys)), set(_CAST.rows(keys))
    mine = [one for one in found if one.fence == wanted[one.pk].fence]
    packed = [(wanted[one.pk], _packed(one, last.get(one.pk, 0) + 1, one.pk in cast)) for one in mine]
    return [(ticket, package) for ticket, package in packed if package]


_SENT = PreparedQuery(
    lambda: (
        Generation.objects.filter(
            pk__in=GivenKeys("generations"), state=State.QUEUED, credential__isnull=False
        )
        .select_related("project", "credential")
        .only(*_SENT_WITH)
    )
)
_LAST = PreparedQuery(
    lambda: (
        Attempt.objects.filter(generation__in=GivenKeys("generations"))
        .order_by()
        .values_list("generation")
        .annotate(Max("number"))
    )
)
_CAST = PreparedQuery(
    lambda: GenerationElement.objects.filter(generation__in=GivenKeys("generations")).values_list(
        "generation", flat=True
    )
)


def _packed(generation: Generation, number: int, has_elements: bool) -> Package | Refused | None:
    """None for an order that nobody foresaw: it is left alone for a while, and the others go."""
    try:
        return _package(generation, number, has_elements)
    except Exception as error:  # noqa: BLE001 - one such order must not keep all others from being sent
        log.error("Order %s could not be packed: %s", generation.uuid, stumbles.where(error))
        return None


def _package(generation: Generation, number: int, has_elements: bool) -> Package | Refused:
    if has_elements and (sentence := consent.refusal_for_generation(generation)):
        return Refused(Blame.ORDER, sentence)
    try:
        endpoint = catalogue.endpoint(generation.endpoint)
        order = ordering.of_generation(generation)
    except (catalogue.UnknownEndpoint, LookupError):
        return Refused(Blame.ORDER, GONE)
    account = str(generation.credential.uuid) if generation.credential else ""
    attempt = number_of(generation.uuid, number)
    known = _known(generation.route, account) if order.references or order.elements else {}
    return Package(order, endpoint, account, number, attempt, known)


def content(file: Path) -> str:
    """Originals are named by their SHA-256."""
    return file.name


def _known(route: str, account: str) -> dict[str, str]:
    living = Q(expires_at=None) | Q(expires_at__gt=timezone.now())
    rows = RemoteCopy.objects.filter(living, route=route, account=account, forget_at=None)
    return dict(rows.values_list("content", "remote_id"))


def recall(route: str, account: str, content: str) -> str:
    """What somebody else made known meanwhile; empty where nobody did."""
    return _known(route, account).get(content, "")


def remember(route: str, account: str, content: str, prepared: Prepared, element: ElementFile | None) -> None:
    """Keep what the provider knows an input as, so that it is not sent there again."""
    if not prepared.remote or len(prepared.remote) > LONG:
        return
    handle = element.version.partition("@")[0] if element else ""
    owner = ElementHandle.objects.filter(handle=handle).values_list("element_id", flat=True).first()
    RemoteCopy.objects.filter(
        route=route, account=account, content=content, forget_at=None, expires_at__lt=timezone.now()
    ).delete()
    try:
        RemoteCopy.objects.get_or_create(
            route=route,
            account=account,
            content=content,
            forget_at=None,
            defaults={
                "remote_id": prepared.remote,
                "expires_at": prepared.expires_at,
                "element_id": owner if element else None,
            },
        )
    except IntegrityError:
        return


def mark(content: str) -> str:
    """What stands in the committed body for file data."""
    return _MARK + content


def marked_contents(body: Body) -> set[str]:
    """The files whose data is missing in a committed body."""
    return {text.removeprefix(_MARK) for text in _texts(body) if text.startswith(_MARK)}


def filled(body: Body, data: Mapping[str, str]) -> Body:
    """The body as it is posted, with file data in place of the marks."""
    return cast(Body, _filled(body, data))


def _filled(value: object, data: Mapping[str, str]) -> object:
    if isinstance(value, dict):
        return {name: _filled(one, data) for name, one in value.items()}
    if isinstance(value, list):
        return [_filled(one, data) for one in value]
    if isinstance(value, str) and value.startswith(_MARK):
        return data[value.removeprefix(_MARK)]
    return value


def _texts(value: object) -> list[str]:
    if isinstance(value, dict):
        return [text for one in value.values() for text in _texts(one)]
    if isinstance(value, list):
        return [text for one in value for text in _texts(one)]
    return [value] if isinstance(value, str) else []


def to_forget(now: datetime) -> list[RemoteCopy]:
    """Copies at providers that nobody may use any more, each with a key that can delete it."""
    if not _TO_FORGET.rows({"now": now}):
        return []
    keys = {str(uuid) for uuid in Credential.objects.living().values_list("uuid", flat=True)}
    return list(RemoteCopy.objects.filter(forget_at__lte=now, account__in=keys)[:20])


_TO_FORGET = PreparedQuery(
    lambda: RemoteCopy.objects.filter(forget_at__lte=moment("now")).values_list("pk", flat=True)[:1]
)


def endpoint_of(attempt: Attempt) -> Endpoint:
    return catalogue.endpoint(attempt.generation.endpoint)
