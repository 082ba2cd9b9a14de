"""The ways out to providers: a POST that is sent at most once, reads that may be repeated, and downloads.

Submits go over a plain transport without retries and without kept connections (`one_shot.py`), because only
there a failed connection proves that nothing was sent; over aiohttp a reset after acceptance looks like a
connection that never came about. Everything else goes over aiohttp, whose pool stays cheap with a thousand
jobs in flight.
"""

import asyncio
import json
import os
import re
import socket
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urljoin

import aiohttp
import httpx
from aiohttp.abc import AbstractResolver, ResolveResult
from yarl import URL

from providers.addresses import ForbiddenError, Hosts, allowed, is_loopback, is_public
from providers.one_shot import OneShot

SUBMIT_WITHIN = 75.0  # seconds for one POST from the first byte to the last of the answer
READ_WITHIN = 30.0
DOWNLOAD_WITHIN = 180.0
ANSWER_LIMIT = 8 * 1024 * 1024  # bytes of a decoded answer
REDIRECTS = 3
PART = 128 * 1024
WRITTEN_AT_ONCE = 2 * 1024 * 1024  # bytes that are kept until a thread hands them to the disk
HEAD = 32  # bytes that tell what a file is
SUBMIT_TIMES = httpx.Timeout(connect=10, read=60, write=30, pool=10)
_READ_TIMES = aiohttp.ClientTimeout(total=None, connect=20, sock_connect=10, sock_read=20)
_READ_ERRORS = (aiohttp.ClientError, httpx.InvalidURL, TimeoutError)
_REDIRECTS = (301, 302, 303, 307, 308)
_PRINTABLE = re.compile("[!-~]+")  # nothing in it needs an escape
_PLAIN = {
    "accept": "*/*",
    "accept-encoding": "identity",  # a few kilobytes need no compression, and hide no bomb
    "user-agent": "Framehouse",
}


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back, whole: header names in lower case, the body decoded."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> object:
        """The body as JSON; None for anything that is not JSON."""
        return parsed(self.body)


@dataclass(frozen=True, slots=True)
class NotSent:
    """Nothing can have been accepted: no connection came about."""

    reason: str


@dataclass(frozen=True, slots=True)
class NoAnswer:
    """No whole answer came. After a POST it is not known whether it was accepted."""

    reason: str


@dataclass(frozen=True, slots=True)
class Downloaded:
    """A result on the disk; `head` are its first bytes."""

    size: int
    head: bytes


class _TooLongError(aiohttp.ClientError):
    pass


class Exits:
    """Both transports of one process; close them with `close`. `loopback` is for the sandbox alone."""

    def __init__(
        self,
        *,
        loopback: bool = False,
        submit_times: httpx.Timeout = SUBMIT_TIMES,
        submit_within: float = SUBMIT_WITHIN,
    ) -> None:
        self._submit_within = submit_within
        self._tls = httpx.create_ssl_context(trust_env=False)
        self._submits = OneShot(self._tls)
        self._submit_times = submit_times
        self._resolver = _Guarded(loopback=loopback)
        self._session: aiohttp.ClientSession | None = None

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()

    async def post_once(
        self, url: str, body: bytes, headers: Mapping[str, str], within: float | None = None
    ) -> Answer | NotSent | NoAnswer:
        """One POST on a connection of its own, never repeated and never redirected."""
        try:
            async with asyncio.timeout(within or self._submit_within):
                request = httpx.Request("POST", url, content=body, headers={**_PLAIN, **headers})
                request.extensions["timeout"] = self._submit_times.as_dict()
                return await _whole(await self._submits.handle_async_request(request))
        except (
            httpx.ConnectError,
            httpx.ConnectTimeout,
            httpx.UnsupportedProtocol,
            httpx.InvalidURL,
        ) as error:
            return NotSent(type(error).__name__)
        except (httpx.HTTPError, httpx.StreamError, TimeoutError) as error:
            return NoAnswer(type(error).__name__)

    async def ask(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes | None = None
    ) -> Answer | NoAnswer:
        """A request that may be repeated as often as needed: status, result, cancel, upload."""
        try:
            async with (
                asyncio.timeout(READ_WITHIN),
                self._request(method, url, headers, body) as response,
            ):
                return Answer(response.status, _lowered(response.headers), await _body(response))
        except _READ_ERRORS as error:
            return NoAnswer(type(error).__name__)

    async def download(
        self, url: str, target: Path, hosts: Hosts, limit: int, keep: Callable[[], None] | None = None
    ) -> Downloaded | NoAnswer:
        """Write a result to `target`, synced, at most `limit` bytes; no key ever goes along.

        `keep` is called once it has come whole, in the thread that wrote it. Raises ForbiddenError for an
        address that results may not come from, and OSError from the disk.
        """
        try:
            async with (
                asyncio.timeout(DOWNLOAD_WITHIN),
                self._followed(url, hosts) as response,
            ):
                return await _stored(response, target, limit, keep)
        except _READ_ERRORS as error:
            return NoAnswer(type(error).__name__)

    @asynccontextmanager
    async def _followed(self, url: str, hosts: Hosts) -> AsyncIterator[aiohttp.ClientResponse]:
        """The response behind a few redirects, each of them checked like the first address."""
        for _ in range(REDIRECTS + 1):
            allowed(url, hosts)
            async with self._request("GET", url, {}) as response:
                if response.status not in _REDIRECTS:
                    yield response
                    return
                url = urljoin(url, response.headers.get("location", ""))
        raise ForbiddenError("A result is redirected too often.")

    def _request(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes | None = None
    ) -> AbstractAsyncContextManager[aiohttp.ClientResponse]:
        return self._pool().request(method, _exact(url), data=body, headers=headers, allow_redirects=False)

    def _pool(self) -> aiohttp.ClientSession:
        """Made inside the running loop, on first use."""
        if self._session is None:
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(
                    resolver=self._resolver, ssl=self._tls, limit=200, ttl_dns_cache=60
                ),
                cookie_jar=aiohttp.DummyCookieJar(),
                timeout=_READ_TIMES,
                read_bufsize=PART,
                headers=_PLAIN,
                trust_env=False,
            )
        return self._session


def parsed(body: bytes) -> object:
    """What a body holds as JSON; None for anything that is not JSON."""
    try:
        value: object = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return value


def _exact(url: str) -> URL:
    """Just as it is written, since a signature may cover every escape in it. Raises httpx.InvalidURL."""
    try:
        return URL(url if _PRINTABLE.fullmatch(url) else str(httpx.URL(url)), encoded=True)
    except ValueError as error:
        raise httpx.InvalidURL(str(error)) from None


class _Guarded(AbstractResolver):
    """Names to addresses of the open internet only: what a name means is decided when it connects."""

    def __init__(self, *, loopback: bool) -> None:
        self._loopback = loopback
        self._inner: aiohttp.ThreadedResolver | None = None

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        self._inner = self._inner or aiohttp.ThreadedResolver()
        found = await self._inner.resolve(host, port, family)
        good = [one for one in found if self._is_good(one["host"])]
        if not good:
            raise OSError(f"{host} has no public address.")
        return good

    async def close(self) -> None:
        return None

    def _is_good(self, address: str) -> bool:
        return is_public(address) or (self._loopback and is_loopback(address))


def _lowered(headers: Mapping[str, str]) -> dict[str, str]:
    return {name.lower(): value for name, value in headers.items()}


async def _whole(response: httpx.Response) -> Answer:
    """The answer read to its end. Raises httpx.HTTPError when it is cut short or too long."""
    body = bytearray()
    try:
        async for part in response.aiter_bytes():
            body += part
            if len(body) > ANSWER_LIMIT:
                raise httpx.ReadError("The answer is too long.")
    finally:
        await response.aclose()
    return Answer(response.status_code, _lowered(response.headers), bytes(body))


async def _body(response: aiohttp.ClientResponse) -> bytes:
    """All of it, decoded. Raises aiohttp.ClientError when it is cut short or too long."""
    body = bytearray()
    async for part in response.content.iter_any():
        body += part
        if len(body) > ANSWER_LIMIT:
            raise _TooLongError
    return bytes(body)


async def _stored(
    response: aiohttp.ClientResponse, target: Path, limit: int, keep: Callable[[], None] | None
) -> Downloaded | NoAnswer:
    if response.status != 200:
        return NoAnswer(f"status {response.status}")
    size, written, head = 0, 0, b""
    parts: list[bytes] = []
    async for part in response.content.iter_any():
        size += len(part)
        if size > limit:
            return NoAnswer("too large")
        head = head if len(head) >= HEAD else (head + part)[:HEAD]
        parts.append(part)
        if size - written >= WRITTEN_AT_ONCE:
            await asyncio.to_thread(_append, target, parts, is_first=written == 0)
            parts, written = [], size
    declared = response.headers.get("content-length", "")
    if declared.isdigit() and int(declared) != size and "content-encoding" not in response.headers:
        return NoAnswer("truncated")
    await asyncio.to_thread(_finish, target, parts, is_first=written == 0, keep=keep)
    return Downloaded(size, head)


def _append(target: Path, parts: list[bytes], *, is_first: bool) -> None:
    with target.open("xb" if is_first else "ab") as file:
        file.writelines(parts)


def _finish(target: Path, parts: list[bytes], *, is_first: bool, keep: Callable[[], None] | None) -> None:
    """The last parts; then the disk holds all of the file."""
    with target.open("xb" if is_first else "ab") as file:
        file.writelines(parts)
        file.flush()
        os.fsync(file.fileno())
    if keep is not None:
        keep()
