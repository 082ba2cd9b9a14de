"""The ways out to providers: a POST that is sent at most once, reads that may be repeated, and downloads.

Submits go over plain httpx without retries and without kept connections, because only there a failed
connection proves that nothing was sent; over aiohttp a reset after acceptance looks like a connection that
never came about. Everything else goes over aiohttp, whose pool stays cheap with a thousand jobs in flight.
"""

import asyncio
import hashlib
import json
import os
import socket
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urljoin

import aiohttp
import httpx
from aiohttp.abc import AbstractResolver, ResolveResult
from httpx_aiohttp import AiohttpTransport

from providers.addresses import ForbiddenError, Hosts, allowed, is_loopback, is_public

SUBMIT_WITHIN = 75.0  # seconds for one POST from the first byte to the last of the answer
READ_WITHIN = 30.0
DOWNLOAD_WITHIN = 180.0
ANSWER_LIMIT = 8 * 1024 * 1024  # bytes of a decoded answer
REDIRECTS = 3
PART = 256 * 1024
SUBMIT_TIMES = httpx.Timeout(connect=10, read=60, write=30, pool=10)
_READ_TIMES = httpx.Timeout(connect=10, read=20, write=20, pool=20)
_READ_ERRORS = (httpx.HTTPError, httpx.StreamError, httpx.InvalidURL, aiohttp.ClientError, TimeoutError)
_PLAIN = {
    "accept-encoding": "identity"
}  # an answer of a few kilobytes needs no compression, and hides no bomb


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
    sha256: str
    size: int
    media_type: str


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
        limits = httpx.Limits(max_connections=200, max_keepalive_connections=0)
        plain = httpx.AsyncHTTPTransport(retries=0, limits=limits, trust_env=False)
        self._submits = httpx.AsyncClient(
            transport=plain, timeout=submit_times, follow_redirects=False, trust_env=False, headers=_PLAIN
        )
        self._resolver = _Guarded(loopback=loopback)
        self._session: aiohttp.ClientSession | None = None
        self._reads = httpx.AsyncClient(
            transport=AiohttpTransport(client=self._pool, trust_env=False),
            timeout=_READ_TIMES,
            follow_redirects=False,
            trust_env=False,
            headers=_PLAIN,
        )

    async def close(self) -> None:
        await self._submits.aclose()
        await self._reads.aclose()
        if self._session is not None:
            await self._session.close()

    async def post_once(
        self, url: str, body: bytes, headers: Mapping[str, str], within: float | None = None
    ) -> Answer | NotSent | NoAnswer:
        """One POST on a connection of its own, never repeated and never redirected."""
        try:
            async with asyncio.timeout(within or self._submit_within):
                request = self._submits.build_request("POST", url, content=body, headers=dict(headers))
                return await _whole(await self._submits.send(request, stream=True))
        except (
            httpx.ConnectError,
            httpx.ConnectTimeout,
            httpx.PoolTimeout,
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
            async with asyncio.timeout(READ_WITHIN):
                request = self._reads.build_request(method, url, content=body, headers=dict(headers))
                return await _whole(await self._reads.send(request, stream=True))
        except _READ_ERRORS as error:
            return NoAnswer(type(error).__name__)

    async def download(
        self, url: str, target: Path, hosts: Hosts, limit: int, headers: Mapping[str, str] | None = None
    ) -> Downloaded | NoAnswer:
        """Write a result to `target`, synced, at most `limit` bytes; no key ever goes along.

        Raises ForbiddenError for an address that results may not come from, and OSError from the disk.
        """
        try:
            async with asyncio.timeout(DOWNLOAD_WITHIN):
                response = await self._followed(url, hosts, dict(headers or {}))
                try:
                    return await _stored(response, target, limit)
                finally:
                    await response.aclose()
        except _READ_ERRORS as error:
            return NoAnswer(type(error).__name__)

    async def _followed(self, url: str, hosts: Hosts, headers: dict[str, str]) -> httpx.Response:
        """The response behind a few redirects, each of them checked like the first address."""
        for _ in range(REDIRECTS + 1):
            allowed(url, hosts)
            request = self._reads.build_request("GET", url, headers=headers)
            response = await self._reads.send(request, stream=True)
            if not response.is_redirect:
                return response
            await response.aclose()
            url = urljoin(url, response.headers.get("location", ""))
        raise ForbiddenError("A result is redirected too often.")

    def _pool(self) -> aiohttp.ClientSession:
        """Made inside the running loop, on first use."""
        if self._session is None:
            connector = aiohttp.TCPConnector(resolver=self._resolver, limit=200, ttl_dns_cache=60)
            self._session = aiohttp.ClientSession(connector=connector, trust_env=False, auto_decompress=True)
        return self._session


def parsed(body: bytes) -> object:
    """What a body holds as JSON; None for anything that is not JSON."""
    try:
        value: object = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return value


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


async def _whole(response: httpx.Response) -> Answer:
    """The answer read to its end. Raises httpx.HTTPError when it is cut short or too long."""
    parts: list[bytes] = []
    size = 0
    try:
        async for part in response.aiter_bytes():
            size += len(part)
            if size > ANSWER_LIMIT:
                raise httpx.ReadError("The answer is too long.")
            parts.append(part)
    finally:
        await response.aclose()
    headers = {name.lower(): value for name, value in response.headers.items()}
    return Answer(response.status_code, headers, b"".join(parts))


async def _stored(response: httpx.Response, target: Path, limit: int) -> Downloaded | NoAnswer:
    if response.status_code != 200:
        return NoAnswer(f"status {response.status_code}")
    digest, size = hashlib.sha256(), 0
    with target.open("xb") as file:
        async for part in _parts(response):
            size += len(part)
            if size > limit:
                return NoAnswer("too large")
            digest.update(part)
            file.write(part)
        file.flush()
        await asyncio.to_thread(os.fsync, file.fileno())
    declared = response.headers.get("content-length", "")
    if declared.isdigit() and int(declared) != size and "content-encoding" not in response.headers:
        return NoAnswer("truncated")
    media_type = response.headers.get("content-type", "").partition(";")[0].strip()
    return Downloaded(digest.hexdigest(), size, media_type)


def _parts(response: httpx.Response) -> AsyncIterator[bytes]:
    return response.aiter_bytes(PART)
