"""What all conversations share: the exits, one adapter per account, and who is at work on what."""

import asyncio
import logging
from collections.abc import Coroutine, Sequence
from dataclasses import dataclass

import httpx
from django.conf import settings
from django.utils import timezone

from generations import horizons, stumbles
from generations.dispatch.pace import Pace
from generations.dispatch.silence import Silence
from generations.pipeline import Claim
from generations.tickets import Ticket
from providers import registry
from providers.base import Account, Provider
from providers.http import SUBMIT_TIMES, Exits
from routes import accounts, vault
from routes.models import Credential

log = logging.getLogger(__name__)
SENDING_MOST = 64  # orders prepared and sent at once
FETCHING_MOST = 24
ASKING_MOST = 1000


@dataclass(frozen=True, slots=True)
class Speaker:
    """An account with whoever speaks for it."""

    account: Account
    provider: Provider


class Desk:
    """Belongs to one event loop. `stir` is set when something finished, so that there may be new work."""

    def __init__(self) -> None:
        self.exits = Exits(
            loopback=bool(settings.SANDBOX_URL),
            submit_times=SUBMIT_TIMES if horizons.SCALE >= 1 else httpx.Timeout(horizons.POST_WITHIN * 0.8),
            submit_within=horizons.POST_WITHIN,
        )
        self.stir = asyncio.Event()
        self.tickets: set[Ticket] = set()
        self.fetches: set[Claim] = set()
        self.fetching = asyncio.Semaphore(FETCHING_MOST)
        self.pace = Pace()
        self.silence = Silence()
        self.asking: set[int] = set()
        self._speakers: dict[int, tuple[str, Speaker | None]] = {}
        self._told: set[int] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._running: set[tuple[str, int]] = set()
        self._locks: dict[tuple[int, str], asyncio.Lock] = {}

    def learn(self, keys: Sequence[Credential]) -> None:
        """Know these keys and no others; an adapter lives as long as its key stays the same."""
        known = self._speakers
        self._speakers = {}
        heard = timezone.now() - horizons.HOOKS_TRUSTED
        self._told = {key.pk for key in keys if key.is_told(heard)}
        for key in keys:
            sealed, speaker = known.get(key.pk, ("", None))
            if sealed != key.sealed:
                speaker = self._speaker(key)
            self._speakers[key.pk] = (key.sealed, speaker)

    def _speaker(self, key: Credential) -> Speaker | None:
        try:
            account = accounts.account(key)
            return Speaker(account, registry.provider(account, self.exits))
        except vault.Sealed as error:
            log.error("Key %s: %s", key.uuid, error)
        except KeyError:
            log.error("Key %s is of a route that only a newer version knows.", key.uuid)
        return None

    @property
    def keys(self) -> frozenset[int]:
        """The keys that can speak."""
        return frozenset(pk for pk, (_, speaker) in self._speakers.items() if speaker is not None)

    @property
    def checks_more(self) -> int:
        """How many more jobs may be asked about."""
        return max(0, ASKING_MOST - len(self.asking))

    @property
    def fetches_more(self) -> int:
        """How many more pictures may be claimed to be fetched, or to wait for that."""
        return max(0, 4 * FETCHING_MOST - len(self.fetches))

    def is_told(self, credential_id: int) -> bool:
        """Whether webhooks of this account have come through lately."""
        return credential_id in self._told

    def speaker(self, credential_id: int | None) -> Speaker | None:
        known = self._speakers.get(credential_id or 0)
        return known[1] if known else None

    def lock(self, credential_id: int, content: str) -> asyncio.Lock:
        """One at a time prepares the same input for the same account."""
        return self._locks.setdefault((credential_id, content), asyncio.Lock())

    def begin(self, work: Coroutine[object, object, None]) -> None:
        """Let it run by itself; what fails is logged and taken up again when its lease ends."""
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._ended)

    def once(self, name: tuple[str, int], work: Coroutine[object, object, None]) -> None:
        """Let it run unless the like of it runs already."""
        if name in self._running:
            work.close()
            return
        self._running.add(name)
        self.begin(self._named(name, work))

    async def _named(self, name: tuple[str, int], work: Coroutine[object, object, None]) -> None:
        try:
            await work
        finally:
            self._running.discard(name)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        self.stir.set()
        error = None if task.cancelled() else task.exception()
        if error is not None:
            log.error("The dispatcher stumbled and goes on: %s", stumbles.where(error))

    async def close(self, within: float) -> None:
        """Let what is under way finish for a while, then drop it: rows and leases remember."""
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=within)
        for task in self._tasks:
            task.cancel()
        await self.exits.close()
