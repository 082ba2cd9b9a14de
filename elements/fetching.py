"""References by address: asked for by people, fetched by the dispatcher, and only from hosts on the list."""

import asyncio
import logging
from contextlib import suppress
from datetime import timedelta
from urllib.parse import unquote, urlsplit

from asgiref.sync import sync_to_async
from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from accounts.models import User
from accounts.people import RefusedError
from elements import references
from elements.models import Fetching, WantedReference
from media import forgetting, intake, storage
from media.models import Blob
from media.names import clean_name
from providers.addresses import ForbiddenError, Hosts, allowed
from providers.http import DOWNLOAD_WITHIN, Exits, NoAnswer

LONGEST = 2000
WAITING_MOST = 20  # in one project at once
AT_ONCE = 4
LEASE = timedelta(seconds=2 * DOWNLOAD_WITHIN)
GIVEN_UP_AFTER = timedelta(minutes=10)
FORGOTTEN_AFTER = timedelta(days=1)
INSTEAD = "Save the picture and drop the file here."

log = logging.getLogger(__name__)


def ask(project_id: int, typed: str, user: User) -> WantedReference:
    """Note an address for the dispatcher. Raises RefusedError: nothing is ever fetched from another host."""
    url = typed.strip()
    host = _host(url)
    waiting = WantedReference.objects.filter(project_id=project_id, state=Fetching.WAITING)
    if known := waiting.filter(url=url).first():
        return known
    if waiting.count() >= WAITING_MOST:
        raise RefusedError(f"{WAITING_MOST} addresses wait to be fetched. Add this one when they are there.")
    return WantedReference.objects.create(project_id=project_id, url=url, host=host, created_by=user)


def claim(most: int = AT_ONCE) -> list[WantedReference]:
    """The oldest that wait and that nobody fetches, held for `LEASE` from now on."""
    now = timezone.now()
    free = WantedReference.objects.filter(
        Q(lease_until=None) | Q(lease_until__lt=now), state=Fetching.WAITING
    )
    return [
        row for row in free.order_by("pk")[:most] if free.filter(pk=row.pk).update(lease_until=now + LEASE)
    ]


async def fetch_waiting(exits: Exits) -> int:
    """Fetch what waits, a few at once; answer how many. For the dispatcher, as often as it likes."""
    claimed = await sync_to_async(claim)()
    await asyncio.gather(*(fetch(wanted, exits) for wanted in claimed))
    return len(claimed)


async def fetch(wanted: WantedReference, exits: Exits, *, loopback: bool = False) -> None:
    """Make the picture a reference, or say why not. `loopback` allows this machine, for tests alone."""
    hosts = Hosts(tuple(settings.REFERENCE_HOSTS), loopback=loopback)
    try:
        with storage.workspace() as folder:
            target = folder / "fetched"
            answer = await exits.download(wanted.url, target, hosts, intake.UPLOAD_LIMIT)
            if isinstance(answer, NoAnswer):
                raise RefusedError(_unanswered(wanted.host, answer.reason))
            picture = await asyncio.to_thread(intake.read, target, folder)
            blob = await sync_to_async(intake.keep)(picture)
        await sync_to_async(_keep)(wanted, blob)
    except ForbiddenError:
        await _fail(
            wanted, f"{wanted.host} leads to a place that is not on the studio's list of hosts. {INSTEAD}"
        )
    except (RefusedError, intake.NotAPicture) as error:
        await _fail(wanted, str(error))
    except OSError as error:
        log.error("A fetched reference could not be stored: %s", error.strerror or type(error).__name__)
        await _fail(wanted, references.UNSTORED)


def forget_old() -> int:
    """Delete what was asked for more than a day ago; references that came of it stay. Answers how many.

    What nobody fetched for ten minutes says so before.
    """
    now = timezone.now()
    late = WantedReference.objects.filter(state=Fetching.WAITING, created_at__lt=now - GIVEN_UP_AFTER)
    late.update(
        state=Fetching.FAILED,
        error=f"This picture was not fetched within ten minutes. {INSTEAD}",
    )
    return WantedReference.objects.filter(created_at__lt=now - FORGOTTEN_AFTER).delete()[0]


def _host(url: str) -> str:
    """The host of an address that may be fetched. Raises RefusedError with one sentence."""
    try:
        host = (urlsplit(url).hostname or "").lower()
    except ValueError:
        host = ""
    if not host or len(url) > LONGEST:
        raise RefusedError(f"This address cannot be read; nothing was fetched. {INSTEAD}")
    names = tuple(settings.REFERENCE_HOSTS)
    if not any(host == name or host.endswith(f".{name}") for name in names):
        known = f" ({', '.join(names)})" if names else ", which is empty"
        raise RefusedError(
            f"{host[:80]} is not on the studio's list of hosts{known}; nothing was fetched. {INSTEAD}"
        )
    with suppress(ForbiddenError):
        return allowed(url, Hosts(names))
    raise RefusedError(
        f"Pictures are fetched from plain https addresses only; nothing was fetched. {INSTEAD}"
    )


def _unanswered(host: str, reason: str) -> str:
    """What became of a download, for people; `reason` is that of `NoAnswer`."""
    if reason == "too large":
        most = intake.UPLOAD_LIMIT // intake.MEGABYTE
        return f"The picture at {host} is larger than {most} MB, which is the limit. Nothing was kept."
    if reason.startswith("status "):
        return f"{host} answered {reason.removeprefix('status ')} instead of a picture. {INSTEAD}"
    return f"{host} did not answer with a whole picture. {INSTEAD}"


def _keep(wanted: WantedReference, blob: Blob) -> None:
    """The blob as a reference; nothing where the wish is gone, with its project perhaps."""
    with transaction.atomic():
        held = (
            WantedReference.objects.select_for_update().filter(pk=wanted.pk, state=Fetching.WAITING).first()
        )
        if held is None:
            return forgetting.let_go([blob])
        held.reference = references.keep(held.project_id, blob, _name(held.url), held.created_by)
        held.state = Fetching.THERE
        held.save(update_fields=["reference", "state"])


def _name(url: str) -> str:
    """The last part of the path, as the name of a file."""
    parts = urlsplit(url)
    return clean_name(unquote(parts.path.rstrip("/").rsplit("/", 1)[-1]) or parts.hostname or "picture")


async def _fail(wanted: WantedReference, sentence: str) -> None:
    waiting = WantedReference.objects.filter(pk=wanted.pk, state=Fetching.WAITING)
    await waiting.aupdate(state=Fetching.FAILED, error=sentence[:300])
