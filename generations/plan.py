"""From a checked intent to a frozen generation with its price reserved, in one transaction."""

import hashlib
import json
import secrets
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.models import User
from elements.models import Reference
from generations import tasks
from generations.models import Event, Generation, GenerationReference, Output, State
from projects.models import Project
from providers import catalogue
from spend import ledger

SEED_LIMIT = 2**31


class FormKeyReused(ValueError):  # noqa: N818 - reads as the fact it reports
    """The same form key came back with another request: a stale tab, not a double click."""


@dataclass(frozen=True, slots=True)
class Guide:
    """A reference and the role it plays."""

    reference: Reference
    role: str


@dataclass(frozen=True, slots=True)
class Intent:
    """What a person asked for, already checked against its endpoint.

    `ratio` may be "auto"; `count` is pictures, or panels when `series`; `seed` is None for one drawn by lot.
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


def settled_ratio(intent: Intent) -> str:
    """The ratio in numbers: "auto" becomes the nearest to the first reference, or the default without one."""
    if intent.ratio != "auto":
        return intent.ratio
    if not intent.guides:
        return "16:9"
    blob = intent.guides[0].reference.blob
    return catalogue.nearest_ratio(intent.endpoint, blob.width, blob.height)


def start(intent: Intent) -> Generation:
    """Freeze, reserve and queue; the same form key with the same request gives the same generation."""
    request = frozen(intent)
    digest = hashlib.sha256(json.dumps(request, sort_keys=True).encode()).hexdigest()
    try:
        with transaction.atomic():
            return _known(intent, digest) or _create(intent, request, digest)
    except IntegrityError:
        known = _known(intent, digest)
        if known is None:
            raise
        return known


def frozen(intent: Intent) -> dict[str, object]:
    """The canonical request: everything that decides the pictures, references by content."""
    return {
        "endpoint": intent.endpoint.key,
        "prompt": intent.prompt,
        "negative_prompt": intent.negative_prompt,
        "aspect_ratio": intent.ratio,
        "resolution": intent.resolution,
        "count": intent.count,
        "series": intent.series,
        "format": intent.media_format,
        "seed": intent.seed,
        "references": [
            {"sha256": guide.reference.blob.sha256, "role": guide.role, "name": guide.reference.name}
            for guide in intent.guides
        ],
    }


def _known(intent: Intent, digest: str) -> Generation | None:
    known = Generation.objects.filter(user=intent.user, form_key=intent.form_key, part=0).first()
    if known is not None and (known.request_sha256, known.project_id) != (digest, intent.project.pk):
        raise FormKeyReused(
            "This form was already sent with other contents. Nothing was sent or charged twice."
        )
    return known


def _create(intent: Intent, request: dict[str, object], digest: str) -> Generation:
    generation = _freeze(intent, request, digest)
    GenerationReference.objects.bulk_create(
        GenerationReference(
            generation=generation, reference=guide.reference, position=position, role=guide.role
        )
        for position, guide in enumerate(intent.guides)
    )
    _hold_places(generation)
    ledger.reserve(account(generation), generation.estimate_micro_usd)
    actor = intent.user.name if intent.user else "command line"
    Event.objects.create(
        project=intent.project,
        generation=generation,
        to_state=State.QUEUED,
        actor=actor,
        note="Reserved and queued.",
    )
    Project.objects.filter(pk=intent.project.pk).update(touched_at=generation.created_at)
    return generation


def _freeze(intent: Intent, request: dict[str, object], digest: str) -> Generation:
    price = quote(intent)
    return Generation.objects.create(
        project=intent.project,
        user=intent.user,
        parent=intent.parent,
        form_key=intent.form_key,
        route=intent.endpoint.route,
        model=intent.endpoint.model,
        endpoint=intent.endpoint.key,
        prompt=intent.prompt,
        request=request,
        request_sha256=digest,
        width=price.width,
        height=price.height,
        media_format=intent.media_format,
        resolution=intent.resolution,
        count=intent.count,
        is_series=intent.series,
        seed=secrets.randbelow(SEED_LIMIT) if intent.seed is None else intent.seed,
        estimate_micro_usd=ledger.to_micro(price.usd),
    )


def _hold_places(generation: Generation) -> None:
    """One output per picture from the first moment on, so that tiles stand where pictures will be.

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
    for output in reversed(outputs):
        tasks.ring_draw(output.pk)


def account(generation: Generation) -> ledger.Account:
    return ledger.Account(
        generation=generation.uuid,
        project_id=generation.project_id,
        user_id=generation.user_id,
        model=generation.model,
        route=generation.route,
    )
