"""Files on the vendors' delivery hosts: uploads and finished pictures, with expiry and access."""

import hashlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from uuid import uuid4

from sandbox.faults import Rule
from sandbox.pictures import Picture


@dataclass(slots=True)
class Link:
    """`access` is "allow", "forbid" (403 for strangers) or "hide" (404); `expires_at` None is never."""

    token: str
    account: str
    file_name: str
    content_type: str
    picture: Picture | None
    data: bytes
    expires_at: float | None
    access: str = "allow"
    fault: Rule | None = None
    address: str = ""


class Links:
    def __init__(self, read: Callable[[Picture], Awaitable[bytes]]) -> None:
        self._read = read
        self._links: dict[str, Link] = {}
        self._uploads: dict[str, bytes] = {}  # by digest, so that a file sent often is kept once

    def add(self, link: Link) -> Link:
        digest = hashlib.sha256(link.data).hexdigest()
        link.data = self._uploads.setdefault(digest, link.data)
        self._links[link.token] = link
        return link

    def get(self, token: str) -> Link | None:
        return self._links.get(token)

    def at(self, address: str) -> Link | None:
        """The link behind an address of ours, None for any other."""
        parts = address.split("?")[0].split("/")
        link = self._links.get(parts[-2]) if len(parts) > 2 else None
        return link if link and link.address == address.split("?")[0] else None

    async def read(self, link: Link) -> bytes:
        return await self._read(link.picture) if link.picture else link.data


def token() -> str:
    return uuid4().hex


def address(base: str, protocol: str, name: str, file_name: str) -> str:
    return f"{base}/{protocol}/cdn/files/{name}/{file_name}"
