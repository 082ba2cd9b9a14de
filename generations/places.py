"""Places for finished pictures, and how their bytes come here; plain functions on rows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from generations import bells, horizons, pipeline, watermarks
from generations.models import Attempt, Output, OutputQuerySet, OutputState
from generations.pipeline import Claim
from generations.prepared import Given, GivenKeys, PreparedQuery, PreparedUpdate, column, moment, number
from media import storage
from providers.base import RemotePicture
from routes import vault

ACTOR = "dispatcher"
LOST = (
    "The provider no longer has this picture. It was paid: ask the provider with the number in the history."
)
UNUSABLE_TRIES = 4


@dataclass(frozen=True, slots=True)
class Wanted:
    """A finished picture at the provider, claimed to be fetched. `name` is that of the arrival.

    `is_twin`: not the picture but its copy with a watermark, whose claim is of `watermarks`.
    """

    held: Claim
    credential_id: int
    url: str
    name: str
    tries: int
    is_twin: bool = False


def hold_all(ended: Sequence[tuple[Attempt, Sequence[RemotePicture]]], fetches: int) -> list[Wanted]:
    """Note where the pictures of each attempt lie, in their own places.

    Up to `fetches` of them are claimed for the caller, which fetches them at once.
    """
    there = _there([attempt for attempt, _ in ended]) if ended else {}
    wanted: list[Wanted] = []
    for attempt, pictures in ended:
        wanted += _hold(attempt, pictures, there, 0, fetches - len(wanted))
    return wanted


def hold(attempt: Attempt, pictures: Sequence[RemotePicture], fetches: int, *, on_top: bool) -> list[Wanted]:
    """The same for one attempt, also `on_top` of what is there."""
    there = _there([attempt])
    first = max((index for _, index in there), default=-1) + 1 if on_top else 0
    return _hold(attempt, pictures, there, first, fetches)


def _there(attempts: Sequence[Attempt]) -> dict[tuple[int, int], Output]:
    """The places of their generations, by generation and index."""
    found = _PLACES.rows({"generations": [one.generation_id for one in attempts]})
    return {(place.generation_id, place.index): place for place in found}


_PLACES = PreparedQuery(
    lambda: (
        Output.objects.filter(generation__in=GivenKeys("generations"))
        .only("generation_id", "uuid", "index", "state", "seed", "fence", "tries")
        .order_by("pk")
        .select_for_update()
    )
)


def _hold(
    attempt: Attempt,
    pictures: Sequence[RemotePicture],
    there: Mapping[tuple[int, int], Output],
    first: int,
    fetches: int,
) -> list[Wanted]:
    wanted: list[Wanted] = []
    placed: list[tuple[Output, RemotePicture]] = []
    for picture in pictures:
        index = first + picture.index
        place = there.get((attempt.generation_id, index)) or _place(attempt, index)
        is_claimed = len(wanted) < fetches and attempt.credential_id is not None
        if place.state == OutputState.PENDING:
            _note(attempt, place, picture, is_claimed)
            wanted += [_wanted(attempt, place, picture)] if is_claimed else []
            placed.append((place, picture))
    if attempt.generation.request.get("watermark"):
        watermarks.note(placed)
    return wanted


def _place(attempt: Attempt, index: int) -> Output:
    """One more than was asked for."""
    generation = attempt.generation
    return Output.objects.create(
        generation=generation,
        project_id=generation.project_id,
        created_at=generation.created_at,
        index=index,
        width=generation.width,
        height=generation.height,
        seed=generation.seed,
    )


def _note(attempt: Attempt, place: Output, picture: RemotePicture, is_claimed: bool) -> None:
    _NOTED.change(
        {
            "place": place.pk,
            "attempt": attempt.pk,
            "source": vault.seal(picture.url),
            "source_expires_at": picture.expires_at,
            "is_flagged": picture.flagged,
            "seed": place.seed if picture.seed is None else picture.seed,
            "lease_until": timezone.now() + horizons.LEASE if is_claimed else None,
            "fence": place.fence + is_claimed,
            "tries": place.tries + is_claimed,
        }
    )


_NOTED = PreparedUpdate(
    lambda: Output.objects.filter(pk=number("place")),
    lambda: {
        name: column(Output, name)
        for name in (
            *("attempt", "source", "source_expires_at", "is_flagged", "seed"),
            *("lease_until", "fence", "tries"),
        )
    },
)


def _wanted(attempt: Attempt, place: Output, picture: RemotePicture) -> Wanted:
    held = Claim(place.pk, attempt.generation_id, place.fence + 1)
    return Wanted(held, attempt.credential_id or 0, picture.url, str(place.uuid), place.tries + 1)


def refresh(attempt: Attempt, pictures: Sequence[RemotePicture]) -> None:
    """New addresses for pictures that are still to be fetched."""
    Attempt.objects.filter(pk=attempt.pk).update(due_at=None)
    waiting = list(attempt.outputs.filter(state=OutputState.PENDING, arrived_at=None).order_by("index"))
    fresh = {picture.index: picture for picture in pictures}
    offset = _offset(attempt)
    for output in waiting:
        picture = fresh.get(output.index - offset)
        if picture is not None:
            Output.objects.filter(pk=output.pk).update(
                source=vault.seal(picture.url), source_expires_at=picture.expires_at, lease_until=None
            )
            watermarks.refresh(output, picture)


def _offset(attempt: Attempt) -> int:
    first = attempt.outputs.order_by("index").values_list("index", flat=True).first() or 0
    return first if attempt.is_late else 0


def to_fetch(now: datetime, most: int) -> list[Wanted]:
    """Claim finished pictures that nobody fetches, and then copies with a watermark."""
    wanted = _pictures_to_fetch(now, most)
    return wanted + [
        Wanted(
            held,
            credential_id,
            vault.unseal(twin.source),
            str(twin.uuid),
            held.fence,
            is_twin=True,
        )
        for held, credential_id, twin in watermarks.to_fetch(now, most - len(wanted))
    ]


def _pictures_to_fetch(now: datetime, most: int) -> list[Wanted]:
    """Those that expire first before others."""
    if not _TO_FETCH.rows({"now": now}):
        return []
    with transaction.atomic():
        rows = _free(now).select_related("attempt").select_for_update(skip_locked=True, of=("self",))
        found = list(rows.order_by("source_expires_at", "pk")[:most])
        Output.objects.filter(pk__in=[one.pk for one in found]).update(
            fence=F("fence") + 1, tries=F("tries") + 1, lease_until=now + horizons.LEASE
        )
    return [_claimed(one) for one in found]


def _free(now: datetime | Given) -> OutputQuerySet:
    return Output.objects.filter(
        Q(lease_until=None) | Q(lease_until__lt=now),
        ~Q(source=""),
        state=OutputState.PENDING,
        arrived_at=None,
        attempt__isnull=False,  # with the line before it is what the index `output_to_fetch` holds
        attempt__credential__isnull=False,
    )


_TO_FETCH = PreparedQuery(
    lambda: _free(moment("now")).order_by("source_expires_at", "pk").values_list("pk", flat=True)[:1]
)


def _claimed(place: Output) -> Wanted:
    key = place.attempt.credential_id if place.attempt else None
    held = Claim(place.pk, place.generation_id, place.fence + 1)
    return Wanted(held, key or 0, vault.unseal(place.source), str(place.uuid), place.tries + 1)


def arrived(held: Sequence[Claim]) -> list[None]:
    """Their bytes lie on this machine, synced: from here on nothing can lose them. Workers decode them."""
    now = timezone.now()
    fences = {one.output_id: one.fence for one in held}
    mine = [pk for pk, fence in _PENDING.rows({"outputs": fences}) if fences[pk] == fence]
    _ARRIVED.change({"outputs": mine, "now": now})
    for pk in mine:
        bells.ring_take_in(pk)
    return [None] * len(held)


_PENDING = PreparedQuery(
    lambda: (
        Output.objects.filter(pk__in=GivenKeys("outputs"), state=OutputState.PENDING)
        .values_list("pk", "fence")
        .order_by("pk")
        .select_for_update()
    )
)
_ARRIVED = PreparedUpdate(
    lambda: Output.objects.filter(pk__in=GivenKeys("outputs")),
    lambda: {"arrived_at": moment("now"), "rung_at": moment("now"), "lease_until": None, "tries": 0},
)


def not_fetched(wanted: Wanted, why: str) -> None:
    """Again after a while, with a fresh address; given up only when the provider has it no more."""
    output = Output.objects.filter(pk=wanted.held.output_id).first()
    if output is None:
        return
    expired = output.source_expires_at is not None and output.source_expires_at < timezone.now()
    if wanted.tries >= horizons.FETCH_TRIES and (expired or wanted.tries >= 4 * horizons.FETCH_TRIES):
        pipeline.fail(wanted.held, f"{LOST} ({why})", ACTOR)
        return
    again = timezone.now() + horizons.FETCH_AGAIN * min(wanted.tries, 30)
    if (
        pipeline.pending(wanted.held).update(lease_until=again)
        and output.attempt_id
        and wanted.tries % 3 == 2
    ):
        Attempt.objects.filter(pk=output.attempt_id).update(due_at=timezone.now())


def refuse(wanted: Wanted, sentence: str) -> None:
    """Its address is one that nothing is fetched from."""
    pipeline.fail(wanted.held, sentence, ACTOR)


def unusable(wanted: Wanted, why: str) -> None:
    """What came whole is no picture of ours: perhaps an error page, so it is fetched again a few times."""
    if wanted.tries < UNUSABLE_TRIES:
        not_fetched(wanted, why)
        return
    said = f"The provider's file is {why}. It was charged; what came of it is kept for a week."
    if pipeline.fail(wanted.held, said, ACTOR):
        storage.quarantine(wanted.name)


def put_off(wanted: Wanted) -> None:
    """The disk does not take it: it stays at the provider until there is room."""
    pipeline.put_off(wanted.held)
