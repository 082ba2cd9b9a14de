"""Elements at Kling: made beforehand, free of charge, and named by number from then on.

The id that an element is made under follows from the account and its photos, so that one whose answer got
lost is found again and not made twice.
"""

import asyncio
import base64
import hashlib
import json
from collections.abc import Awaitable, Callable, Sequence
from uuid import UUID, uuid5

from providers import kling_answers
from providers.base import Blame, ElementFile, Prepared, Refused, Stage, Unclear
from providers.catalogue.rows import Endpoint
from providers.kling_answers import Told
from providers.kling_body import ELEMENT_PATH, element_body
from providers.known import Known, photos
from providers.replies import fields, identifier, joined, picture_type, sentence, words

DELETE_PATH = "/v1/general/delete-elements"
READY_WITHIN = 120.0  # seconds; after that it is asked about again another time
_EVERY = 2.0
_TRIES = 4  # an element that was deleted or that failed is made again under another id
_PHOTO_LIMIT = 10 * 1024 * 1024
_TAKEN = ("image/jpeg", "image/png")
_SPACE = UUID("6e1f6a2e-6f0b-4f7e-9d06-6c6a9a3c2a51")
_GONE = (0, 1201, 1203)

type Ask = Callable[[str, str, bytes | None], Awaitable[Told | Unclear]]


class Elements:
    """The library of one account."""

    def __init__(self, account: int, ask: Ask, pace: float) -> None:
        self._account = account
        self._pace = pace
        self._ask = ask

    async def made(self, element: ElementFile, endpoint: Endpoint) -> Prepared | Refused | Unclear:
        """The element's number, made if need be; waits until it is ready."""
        paths = photos(element, endpoint)
        pictures = await asyncio.to_thread(lambda: [path.read_bytes() for path in paths])
        if any(len(one) > _PHOTO_LIMIT or picture_type(one) not in _TAKEN for one in pictures):
            said = "Kling takes photos as PNG and JPEG of at most 10 MB. Nothing was sent."
            return Refused(Blame.ORDER, said, "picture", "element")
        known = Known(dict(zip(paths, (base64.b64encode(one).decode() for one in pictures), strict=True)))
        for attempt in range(_TRIES):
            name = self._name(element, pictures, attempt)
            found = await self._one(name, element_body(element, endpoint, known, name))
            if found is not None:
                return found
        return Unclear("an element that Kling does not make")

    async def deleted(self, number: str) -> bool:
        """Whether the element is gone, now or before."""
        found = await self._ask("POST", DELETE_PATH, _json({"element_id": number}))
        return isinstance(found, Told) and found.code in _GONE

    def _name(self, element: ElementFile, pictures: Sequence[bytes], attempt: int) -> str:
        digest = hashlib.sha256()
        for picture in pictures:
            digest.update(hashlib.sha256(picture).digest())
        return str(uuid5(_SPACE, f"{self._account} {element.version} {digest.hexdigest()} {attempt}"))

    async def _one(self, name: str, body: dict[str, object]) -> Prepared | Refused | Unclear | None:
        """The element under this id; None where that one was deleted, or failed before."""
        found = await self._ask("POST", ELEMENT_PATH, _json(body))
        if isinstance(found, Unclear):
            return found
        if found.code == 0 or found.is_twin():
            return await self._ready(name, is_new=found.code == 0)
        refused = kling_answers.refusal(found)
        return refused or Unclear(f"the code {found.code}")

    async def _ready(self, name: str, *, is_new: bool) -> Prepared | Refused | Unclear | None:
        try:
            async with asyncio.timeout(READY_WITHIN):
                while True:
                    found = await self._ask("GET", f"{ELEMENT_PATH}/{name}", None)
                    if isinstance(found, Unclear):
                        return found
                    task = fields(found.data)
                    stage = kling_answers.standing(task) if found.code == 0 else Stage.RUNNING
                    if stage is Stage.FAILED:
                        return _failed(words(task.get("task_status_msg"))) if is_new else None
                    if stage is Stage.DONE:
                        return _number(task)
                    await asyncio.sleep(_EVERY * self._pace)
        except TimeoutError:
            return Unclear("an element that is still being made")


def _number(task: object) -> Prepared | Unclear | None:
    for element in kling_answers.elements(fields(task)):
        if element.get("status") == "deleted":
            return None
        if number := identifier(element.get("element_id")):
            return Prepared(number)
    return Unclear("an element without a number")


def _failed(text: str) -> Refused:
    said = joined("Kling could not make this element.", sentence(text), "Nothing was charged.")
    return Refused(Blame.ORDER, said, "failed", "element")


def _json(value: object) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode()
