"""From a checked intent to a frozen generation with its price reserved, in one transaction."""

import hashlib
import json
import secrets
from dataclasses import dataclass, replace
from decimal import Decimal
from uuid import UUID, uuid4

from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.models import User
from generations import bells, ordering, series
from generations.binding import Guide, Pinned
from generations.models import (
    Event,
    Generation,
    GenerationElement,
    GenerationReference,
    Output,
    Panel,
    State,
)
from projects.cast import cast
from projects.models import Project
from providers import catalogue
from providers.base import Order
from routes import accounts
from spend import budgets, ledger

SEED_LIMIT = 2**31


class FormKeyReused(ValueError):  # noqa: N818 - reads as the fact it reports
    """The same form key came back with another request: a stale tab, not a double click."""


@dataclass(frozen=True, slots=True)
class Intent:
    """What a person asked for, already checked against its endpoint.

    `prompt` is what is sent: with `panels`, `style` and their texts put together. `ratio` may be "auto";
    `count` is pictures, also more than the endpoint makes at once, or panels when `series`; `seed` is None
    for one drawn by lot. `as_references` sends elements as ordered references to an endpoint that has none.
    `watermark` asks for a copy of each picture with the provider's watermark.
    The outputs are filed as takes under `take_for`.
    """

    project: Project
    user: User | None
    form_key: UUID
    endpoint: catalogue.Endpoint
    prompt: str
    negative_prompt: str
    ratio: str
    resolution: str
    count: int
    series: bool
    media_format: str
    seed: int | None
    guides: tuple[Guide, ...] = ()
    pinned: tuple[Pinned, ...] = ()
    as_references: bool = False
    watermark: bool = False
    style: str = ""
    panels: tuple[str, ...] = ()
    take_for: Panel | None = None
    parent: Generation | None = None


@dataclass(frozen=True, slots=True)
class Quote:
    """What an intent comes to: exact pixels, pictures and USD."""

    width: int
    height: int
    pictures: int
    usd: Decimal


def quote(intent: Intent) -> Quote:
    width, height = catalogue.size(intent.endpoint, intent.resolution, settled_ratio(intent))
    usd = catalogue.estimate(intent.endpoint, intent.resolution, intent.count)
    return Quote(width, height, intent.count, usd)


def order(intent: Intent) -> Order:
    """What a route would be asked for; a seed that is drawn by lot is 0 here."""
    price = quote(intent)
    return Order(
        prompt=intent.prompt,
        negative_prompt=intent.negative_prompt,
        width=price.width,
        height=price.height,
        media_format=intent.media_format,
        count=intent.count,
        series=intent.series,
        seed=intent.seed or 0,
        references=ordering.references(intent.guides),
        elements=ordering.elements(intent.prompt, intent.pinned),
        resolution=intent.resolution,
        ratio=intent.ratio,
        watermark=intent.watermark,
    )


def settled_ratio(intent: Intent) -> str:
    """The ratio in numbers: "auto" becomes the nearest to the first reference, or the default without one."""
    if intent.ratio != "auto":
        return intent.ratio
    if not intent.guides:
        return "16:9"
    blob = intent.guides[0].reference.blob
    return catalogue.nearest_ratio(intent.endpoint, blob.width, blob.height)


def start(intent: Intent) -> Generation:
    """Freeze, reserve and queue; the same form key with the same request gives the same generation.

    Raises FormKeyReused, or budgets.Blocked where a budget or an unknown price forbids it.

    What is more than the endpoint makes at once becomes several generations of one batch: the first is
    answered.
    """
    request = frozen(intent)
    digest = hashlib.sha256(json.dumps(request, sort_keys=True).encode()).hexdigest()
    try:
        with transaction.atomic():
            return _known(intent, digest) or _create_all(intent, request, digest)
    except IntegrityError:
        known = _known(intent, digest)
        if known is None:
            raise
        return known


def outputs_of_batch(first: Generation) -> list[str]:
    """UUIDs of all places that an intent holds, the last one first, as the gallery shows them."""
    held = Output.objects.filter(generation__batch=first.batch).order_by("-generation__part", "-pk")
    return [str(uuid) for uuid in held.values_list("uuid", flat=True)]


def parts(intent: Intent) -> list[int]:
    """Pictures per order: as few orders as the endpoint allows."""
    most = intent.endpoint.series_max if intent.series else intent.endpoint.counts_max
    whole, rest = divmod(intent.count, most)
    return [most] * whole + [rest] * bool(rest)


def frozen(intent: Intent) -> dict[str, object]:
    """The canonical request: everything that decides the pictures, references and elements by content."""
    return {
        "endpoint": intent.endpoint.key,
        "prompt": intent.prompt,
        "negative_prompt": intent.negative_prompt,
        "aspect_ratio": intent.ratio,
        "resolution": intent.resolution,
        "count": intent.count,
        "series": intent.series,
        "style": intent.style,
        "panels": list(intent.panels),
        "format": intent.media_format,
        "seed": intent.seed,
        "references": [
            {"sha256": guide.reference.blob.sha256, "role": guide.role, "name": guide.name}
            for guide in intent.guides
        ],
        "elements": [
            {"name": pinned.name, "element": str(pinned.element.uuid), "version": pinned.version.number}
            for pinned in intent.pinned
        ],
        "as_references": intent.as_references,
        # Named only where it is chosen: what was frozen before there was a choice keeps its digest.
        **({"watermark": True} if intent.watermark else {}),
    }


def _known(intent: Intent, digest: str) -> Generation | None:
    known = Generation.objects.filter(user=intent.user, form_key=intent.form_key, part=0).first()
    if known is not None and (known.request_sha256, known.project_id) != (digest, intent.project.pk):
        raise FormKeyReused(
            "This form was already sent with other contents. Nothing was sent or charged twice."
        )
    return known


def _create_all(intent: Intent, request: dict[str, object], digest: str) -> Generation:
    """One generation per order, each reserved on its own; their seeds go on where the one before ended."""
    budgets.check(intent.project.pk, intent.user.pk if intent.user else None, _whole_price(intent))
    batch = uuid4()
    seed = secrets.randbelow(SEED_LIMIT) if intent.seed is None else intent.seed
    made: list[Generation] = []
    for part, count in enumerate(parts(intent)):
        order = replace(intent, count=count)
        made.append(_freeze(order, {**request, "count": count}, digest, batch, part, seed))
        _create(order, made[-1])
        seed = (seed + count) % SEED_LIMIT
    for pinned in intent.pinned:
        cast(intent.project, pinned.element, pinned.version)
    Project.objects.filter(pk=intent.project.pk).update(touched_at=made[0].created_at)
    return made[0]


def _whole_price(intent: Intent) -> int:
    """Micro-USD of all its orders. Raises budgets.PriceUnknown."""
    try:
        return ledger.to_micro(quote(intent).usd)
    except catalogue.NotOffered as error:
        raise budgets.PriceUnknown(f"The price is not known: {error} {budgets.NOTHING}") from error


def _create(intent: Intent, generation: Generation) -> None:
    GenerationReference.objects.bulk_create(
        GenerationReference(
            generation=generation, reference=guide.reference, position=position, role=guide.role
        )
        for position, guide in enumerate(intent.guides)
    )
    GenerationElement.objects.bulk_create(
        GenerationElement(
            generation=generation,
            element=pinned.element,
            version=pinned.version,
            name=pinned.name,
            position=position,
        )
        for position, pinned in enumerate(intent.pinned)
    )
    outputs = _hold_places(generation)
    if intent.series:
        series.begin(intent.project, intent.user, intent.style, intent.panels, outputs)
    elif intent.take_for is not None:
        series.file(intent.take_for, outputs)
    ledger.reserve(account(generation), generation.estimate_micro_usd)
    Event.objects.create(
        project=intent.project,
        generation=generation,
        to_state=State.QUEUED,
        actor=intent.user.name if intent.user else "command line",
        note="Reserved and queued.",
    )


def _freeze(
    intent: Intent, request: dict[str, object], digest: str, batch: UUID, part: int, seed: int
) -> Generation:
    price = quote(intent)
    return Generation.objects.create(
        project=intent.project,
        user=intent.user,
        parent=intent.parent,
        batch=batch,
        form_key=intent.form_key,
        part=part,
        route=intent.endpoint.route,
        model=intent.endpoint.model,
        endpoint=intent.endpoint.key,
        credential=accounts.usable(intent.project).get(intent.endpoint.route),
        prompt=intent.prompt,
        request=request,
        request_sha256=digest,
        width=price.width,
        height=price.height,
        media_format=intent.media_format,
        resolution=intent.resolution,
        count=intent.count,
        is_series=intent.series,
        seed=seed,
        estimate_micro_usd=ledger.to_micro(price.usd),
    )


def _hold_places(generation: Generation) -> list[Output]:
    """One output per picture from the first moment on, so that tiles stand where pictures will be; in order.

    The last picture gets the lowest key: the gallery shows newest first and so reads 1, 2, 3, 4.
    """
    outputs = Output.objects.bulk_create(
        Output(
            generation=generation,
            project=generation.project,
            created_at=generation.created_at,
            index=index,
            seed=(generation.seed + index) % SEED_LIMIT,
            width=generation.width,
            height=generation.height,
            rung_at=timezone.now(),
        )
        for index in reversed(range(generation.count))
    )
    outputs.reverse()
    for output in outputs if generation.is_drawn else ():
        bells.ring_draw(output.pk)
    return outputs


def account(generation: Generation) -> ledger.Account:
    return ledger.Account(
        generation=generation.uuid,
        project_id=generation.project_id,
        user_id=generation.user_id,
        model=generation.model,
        route=generation.route,
    )
