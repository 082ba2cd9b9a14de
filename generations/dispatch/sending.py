"""Sending one order: inputs first, then the attempt is committed, then it is posted once."""

import logging
import time
from pathlib import Path

from generations import attempts, hooks, horizons, packages
from generations.attempts import Answered, Ready, Sending
from generations.dispatch.database import change, change_many, read
from generations.dispatch.desk import Desk, Speaker
from generations.models import Attempt
from generations.packages import Package
from generations.tickets import Ticket
from media import storage
from providers import wire
from providers.base import (
    Body,
    ElementFile,
    Need,
    NotReached,
    Posting,
    Prepared,
    Refused,
    Submitted,
    Unclear,
)
from providers.faultpoints import faultpoint
from providers.known import Known, photos

log = logging.getLogger(__name__)


class _NotNowError(Exception):
    """An input could not be prepared: what the provider, or the way there, had to say."""

    def __init__(self, answer: Refused | NotReached | Unclear) -> None:
        super().__init__(type(answer).__name__)
        self.answer = answer


async def send(desk: Desk, ticket: Ticket, package: Package | Refused) -> None:
    """Take a claimed generation to its provider; whatever happens, its rows say where it stands."""
    desk.tickets.add(ticket)
    try:
        await _send(desk, ticket, package)
    finally:
        desk.tickets.discard(ticket)


async def _send(desk: Desk, ticket: Ticket, package: Package | Refused) -> None:
    speaker = desk.speaker(ticket.credential_id)
    if speaker is None:
        return
    if isinstance(package, Refused):
        await change(attempts.drop, ticket, package)
        return
    faultpoint("submit.before_prepare")
    try:
        files = await _Inputs(desk, speaker, package).known()
    except _NotNowError as stopped:
        await _not_prepared(ticket, stopped.answer)
        return
    await _post(desk, speaker, ticket, package, files)


async def _post(desk: Desk, speaker: Speaker, ticket: Ticket, package: Package, known: Known) -> None:
    uuid = package.attempt
    data = {packages.content(path): text for path, text in known.files.items() if _is_long(text)}
    kept = {path: packages.mark(path.name) if _is_long(text) else text for path, text in known.files.items()}
    body = wire.translate(package.order, package.endpoint, Known(kept, known.elements), str(uuid))
    until = time.monotonic() + horizons.SEND_WITHIN
    sending = await change_many(attempts.begin, Ready(ticket, package.number, uuid, body), horizons.GATHERED)
    if sending is None:
        return
    faultpoint("submit.after_claim")
    posting = Posting(
        package.endpoint,
        packages.filled(body, data),
        str(uuid),
        hooks.address(uuid, is_loopback=speaker.account.loopback),
    )
    answer = await _submitted(speaker, posting, until)
    faultpoint("submit.after_response")
    is_told = bool(posting.hook) and desk.is_told(ticket.credential_id)
    first_look = desk.pace.first_look(package.endpoint.key, is_told=is_told)
    await change_many(attempts.record_all, Answered(sending, answer, first_look), horizons.GATHERED)
    faultpoint("submit.after_commit")


async def _submitted(speaker: Speaker, posting: Posting, until: float) -> Submitted:
    """Post it, unless this process slept since the attempt was committed: somebody else may look for it."""
    if time.monotonic() > until:
        return NotReached("it was too late to send it")
    faultpoint("submit.before_send")
    try:
        return await speaker.provider.submit(posting)
    except Exception as error:
        # Whatever an adapter stumbles over came after the attempt counted as sent.
        log.exception("An adapter failed")
        return Unclear(f"an answer that could not be read ({type(error).__name__})")


async def post_again(speaker: Speaker, attempt: Attempt, sending: Sending) -> Submitted:
    """The very same order under the same number, where a second one is refused."""
    body: Body = attempt.body
    endpoint = packages.endpoint_of(attempt)
    data: dict[str, str] = {}
    for content in packages.marked_contents(body):
        prepared = await speaker.provider.prepare(Need(file=storage.original(content)))
        if not isinstance(prepared, Prepared):
            return NotReached("its files could not be prepared")
        data[content] = prepared.remote
    hook = hooks.address(attempt.uuid, is_loopback=speaker.account.loopback)
    faultpoint("recon.before_resend")
    posting = Posting(endpoint, packages.filled(body, data), str(attempt.uuid), hook)
    return await _submitted(speaker, posting, time.monotonic() + horizons.SEND_WITHIN)


async def _not_prepared(ticket: Ticket, answer: Refused | NotReached | Unclear) -> None:
    """Inputs are free: nothing was paid, and it can be tried again without a doubt."""
    if isinstance(answer, Refused):
        await change(attempts.not_prepared, ticket, answer)
        return
    said = f"The inputs could not be handed over just now ({answer.reason}). Nothing was sent."
    await change(attempts.put_back, ticket, said, None)


class _Inputs:
    """Makes every input of an order known to its provider, each once per account."""

    def __init__(self, desk: Desk, speaker: Speaker, package: Package) -> None:
        self._desk = desk
        self._speaker = speaker
        self._package = package
        self._known = dict(package.known)

    async def known(self) -> Known:
        """Raises _NotNowError with the provider's answer when one of them could not be prepared."""
        files: dict[Path, str] = {}
        elements: dict[str, int | str] = {}
        for reference in self._package.order.references:
            files[reference.path] = await self._file(reference.path)
        for element in self._package.order.elements:
            number = await self._element(element)
            if number:
                elements[element.version] = int(number)
                continue
            for path in photos(element, self._package.endpoint):
                files[path] = await self._file(path)
        return Known(files, elements)

    async def _file(self, path: Path) -> str:
        return await self._prepared(packages.content(path), Need(file=path), None)

    async def _element(self, element: ElementFile) -> str:
        need = Need(element=element, endpoint=self._package.endpoint)
        return await self._prepared(element.version, need, element)

    async def _prepared(self, content: str, need: Need, element: ElementFile | None) -> str:
        account = self._speaker.account
        async with self._desk.lock(account.number, content):
            if content in self._known:
                return self._known[content]
            kept = await read(packages.recall, account.route, self._package.account, content)
            found = Prepared(kept) if kept else await self._speaker.provider.prepare(need)
            if not isinstance(found, Prepared):
                raise _NotNowError(found)
            if not kept:
                await change(packages.remember, account.route, self._package.account, content, found, element)
        self._known[content] = found.remote
        return found.remote


def _is_long(text: str) -> bool:
    return len(text) > packages.LONG
