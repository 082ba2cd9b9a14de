"""Copies with the provider's watermark: fetched after their pictures, as well as can be, never waited for.

Plain functions on rows. Nothing here touches the picture, its generation or its money.
"""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import F, QuerySet
from django.utils import timezone

from generations import bells, horizons, pipeline, words
from generations.models import Output, OutputState
from generations.pipeline import Claim
from generations.prepared import PreparedQuery, moment
from generations.twins import OPEN, Twin, TwinState
from media import forgetting, storage
from media.models import Blob
from providers.base import RemotePicture
from providers.http import DOWNLOAD_WITHIN
from routes import vault

AT_ONCE = 20
TRIES = 32  # the last of them an hour apart
UNUSABLE_TRIES = 4  # fetched and decoded, both twice: a disk that lost power may have lost a part
LATEST = 11  # doublings of the wait
STORED = "Its copy with {}'s watermark is here as well."
LOST = "Its copy with {}'s watermark is given up: {}. The picture is kept, and its price is the same."


def note(pictures: Sequence[tuple[Output, RemotePicture]]) -> None:
    """Where the copies of these pictures lie; again where another attempt has made them meanwhile."""
    now = timezone.now()
    twins = [
        Twin(output=output, source=vault.seal(picture.twin), expires_at=picture.expires_at, due_at=now)
        for output, picture in pictures
        if picture.twin
    ]
    if twins:
        kept = ["state", "source", "expires_at", "due_at"]
        Twin.objects.bulk_create(twins, update_conflicts=True, unique_fields=["output"], update_fields=kept)


def refresh(output: Output, picture: RemotePicture) -> None:
    """A new address of a copy that is still to be fetched."""
    if picture.twin:
        waiting = Twin.objects.filter(output=output, state=TwinState.WAITING)
        waiting.update(source=vault.seal(picture.twin), expires_at=picture.expires_at)


def to_fetch(now: datetime, most: int) -> list[tuple[Claim, int, Twin]]:
    """Claim copies whose pictures are here, ring for those that nobody decoded, let go of the hopeless.

    Each with its claim and its key.
    """
    claimed = []
    for twin in _DUE.rows({"now": now})[: max(most, 0)]:
        held = Claim(twin.output_id, twin.output.generation_id, twin.tries)
        key = twin.output.attempt.credential_id if twin.output.attempt else None
        if why := _hopeless(twin, now):
            give_up(held, why)
        elif twin.state == TwinState.ARRIVED:
            _open(held).update(due_at=now + horizons.RING_AGAIN)
            bells.ring_take_in(twin.output_id)
        elif key is None:
            give_up(held, "its key was removed")
        elif mine := _take(held, now):
            claimed.append((mine, key, twin))
    return claimed


_DUE = PreparedQuery(
    lambda: (
        Twin.objects.filter(
            due_at__lte=moment("now"), output__state__in=(OutputState.STORED, OutputState.FAILED)
        )
        .select_related("output__attempt")
        .order_by("due_at", "pk")[:AT_ONCE]
    )
)


def _hopeless(twin: Twin, now: datetime) -> str:
    """Why nobody need try any more; empty while it is worth it."""
    if twin.output.state == OutputState.FAILED:
        return "the picture itself did not come"
    if twin.tries >= TRIES:
        return "it was tried too often"
    if twin.state == TwinState.ARRIVED:
        return ""
    if twin.expires_at is not None and twin.expires_at < now:
        return "the provider has it no more"
    try:
        vault.unseal(twin.source)
    except vault.Sealed:
        return "its address was sealed with a key that is gone"
    return ""


def _take(held: Claim, now: datetime) -> Claim | None:
    until = now + horizons.seconds(DOWNLOAD_WITHIN) + horizons.LEASE
    rows = _open(held).update(tries=F("tries") + 1, due_at=until)
    return Claim(held.output_id, held.generation_id, held.fence + 1) if rows else None


def _open(held: Claim, *states: str) -> QuerySet[Twin]:
    """The row, unless somebody took it up since; the fence of a claim is the number of its try."""
    return Twin.objects.filter(output=held.output_id, tries=held.fence, state__in=states or OPEN)


def arrived(held: Claim) -> None:
    """The bytes lie on this machine, synced. A worker decodes them."""
    again = timezone.now() + horizons.RING_AGAIN
    if _open(held, TwinState.WAITING).update(state=TwinState.ARRIVED, due_at=again):
        bells.ring_take_in(held.output_id)


def later(held: Claim) -> None:
    """Again after a while, which doubles from try to try."""
    wait = horizons.FETCH_AGAIN * 2 ** min(held.fence, LATEST)
    _open(held).update(due_at=timezone.now() + wait)


def to_decode(output_id: int) -> tuple[Claim, Twin] | None:
    """Claim the copy of this picture for a worker, if its bytes wait for one."""
    twin = Twin.objects.filter(output=output_id, state=TwinState.ARRIVED).select_related("output").first()
    if twin is None or twin.tries >= TRIES:
        return None
    held = _take(Claim(output_id, twin.output.generation_id, twin.tries), timezone.now())
    return (held, twin) if held else None


def fetch_again(held: Claim) -> None:
    """Its bytes are gone from this machine."""
    _open(held).update(state=TwinState.WAITING, due_at=timezone.now())


def store(held: Claim, blob: Blob, actor: str) -> None:
    with transaction.atomic():
        kept = _open(held).update(state=TwinState.STORED, blob=blob, due_at=None, source="")
        if kept:
            _tell(held, actor, STORED)
        else:
            forgetting.let_go([blob])


def give_up(held: Claim, why: str, actor: str = "dispatcher") -> None:
    """It will not come; `why` follows a colon."""
    with transaction.atomic():
        twin = _open(held).first()
        if twin and _open(held).update(state=TwinState.LOST, due_at=None, source=""):
            _tell(held, actor, LOST, why)
            storage.arrival(str(twin.uuid)).unlink(missing_ok=True)


def _tell(held: Claim, actor: str, sentence: str, why: str = "") -> None:
    output = Output.objects.select_related("generation").filter(pk=held.output_id).first()
    if output is not None:
        said = sentence.format(words.route(output.generation.route), why)
        pipeline.tell(output.generation, output.pk, output.state, output.state, actor, said)
