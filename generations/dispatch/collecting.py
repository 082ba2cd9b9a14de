"""Fetching finished pictures: to this machine's disk first; a worker decodes them."""

import logging
from pathlib import Path

from generations import places, watermarks
from generations.dispatch.database import change, change_many
from generations.dispatch.desk import Desk, Speaker
from generations.places import Wanted
from media import storage
from media.intake import OUTPUT_LIMIT
from providers.addresses import ForbiddenError
from providers.faultpoints import faultpoint
from providers.http import Downloaded, NoAnswer
from providers.registry import result_hosts
from providers.replies import picture_type

log = logging.getLogger(__name__)
TOO_LARGE = "too large"  # as downloads name it


async def fetch(desk: Desk, wanted: Wanted) -> None:
    """Bring one picture here; whatever happens, its row says where it stands."""
    speaker = desk.speaker(wanted.credential_id)
    if speaker is None:
        return
    bring = _fetch_twin if wanted.is_twin else _fetch
    desk.fetches.add(wanted.held)
    target = storage.unfinished(wanted.name, wanted.held.fence)
    try:
        await bring(desk, speaker, wanted, target)
    finally:
        desk.fetches.discard(wanted.held)
        target.unlink(missing_ok=True)


async def _download(desk: Desk, speaker: Speaker, wanted: Wanted, target: Path) -> Downloaded | NoAnswer:
    """Only so many at a time; the commit that follows keeps no other one waiting."""

    def keep() -> None:
        faultpoint("collect.after_download")
        storage.keep_arrival(target, wanted.name)

    async with desk.fetching:
        target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        hosts = result_hosts(speaker.account)
        return await desk.exits.download(wanted.url, target, hosts, OUTPUT_LIMIT, keep)


async def _fetch(desk: Desk, speaker: Speaker, wanted: Wanted, target: Path) -> None:
    try:
        found = await _download(desk, speaker, wanted, target)
        if isinstance(found, Downloaded):
            faultpoint("collect.after_rename")
            await _keep(wanted, found)
            faultpoint("collect.after_commit")
        elif found.reason == TOO_LARGE:
            await change(places.unusable, wanted, "larger than any picture")
        else:
            await change(places.not_fetched, wanted, found.reason)
    except ForbiddenError as error:
        await change(places.refuse, wanted, f"{error} Nothing was fetched; the picture was charged.")
    except OSError as error:
        log.error("A finished picture waits for the disk: %s", error.strerror or type(error).__name__)
        await change(places.put_off, wanted)


async def _keep(wanted: Wanted, found: Downloaded) -> None:
    if picture_type(found.head):
        await change_many(places.arrived, wanted.held)
    else:
        await change(places.unusable, wanted, "no picture")


async def _fetch_twin(desk: Desk, speaker: Speaker, wanted: Wanted, target: Path) -> None:
    """The copy with a watermark: what fails is tried again later, and harms nothing."""
    try:
        found = await _download(desk, speaker, wanted, target)
        if isinstance(found, Downloaded) and picture_type(found.head):
            await change(watermarks.arrived, wanted.held)
        else:
            await change(watermarks.later, wanted.held)
    except ForbiddenError as error:
        await change(watermarks.give_up, wanted.held, str(error).rstrip("."))
    except OSError as error:
        log.error("A copy with a watermark waits for the disk: %s", error.strerror or type(error).__name__)
        await change(watermarks.later, wanted.held)
