"""Fetching finished pictures: to this machine's disk first; a worker decodes them."""

import asyncio
import logging
from pathlib import Path

from generations import results
from generations.dispatch.database import change
from generations.dispatch.desk import Desk, Speaker
from generations.results import Wanted
from media import storage
from media.intake import OUTPUT_LIMIT
from providers.addresses import ForbiddenError
from providers.faultpoints import faultpoint
from providers.http import NoAnswer
from providers.registry import result_hosts
from providers.replies import picture_type

log = logging.getLogger(__name__)
HEAD = 32
TOO_LARGE = "too large"  # as downloads name it


async def fetch(desk: Desk, wanted: Wanted) -> None:
    """Bring one picture here; whatever happens, its row says where it stands."""
    speaker = desk.speaker(wanted.credential_id)
    if speaker is None:
        return
    desk.fetches.add(wanted.held)
    target = storage.arrival(f"{wanted.name}.{wanted.held.fence}.part")
    try:
        await _fetch(desk, speaker, wanted, target)
    finally:
        desk.fetches.discard(wanted.held)
        await asyncio.to_thread(target.unlink, missing_ok=True)


async def _fetch(desk: Desk, speaker: Speaker, wanted: Wanted, target: Path) -> None:
    hosts = result_hosts(speaker.account)
    try:
        await asyncio.to_thread(target.parent.mkdir, parents=True, exist_ok=True, mode=0o700)
        found = await desk.exits.download(wanted.url, target, hosts, OUTPUT_LIMIT)
        faultpoint("collect.after_download")
        if isinstance(found, NoAnswer) and found.reason == TOO_LARGE:
            await change(results.unusable, wanted, "larger than any picture")
        elif isinstance(found, NoAnswer):
            await change(results.not_fetched, wanted, found.reason)
        elif not picture_type(await asyncio.to_thread(_head, target)):
            await asyncio.to_thread(storage.keep_arrival, target, wanted.name)
            await change(results.unusable, wanted, "no picture")
        else:
            await asyncio.to_thread(storage.keep_arrival, target, wanted.name)
            faultpoint("collect.after_rename")
            await change(results.arrived, wanted.held)
            faultpoint("collect.after_commit")
    except ForbiddenError as error:
        await change(results.refuse, wanted, f"{error} Nothing was fetched; the picture was charged.")
    except OSError as error:
        log.error("A finished picture waits for the disk: %s", error.strerror or type(error).__name__)
        await change(results.put_off, wanted)


def _head(file: Path) -> bytes:
    with file.open("rb") as opened:
        return opened.read(HEAD)
