"""A plain transport for httpx: one connection for one request, which leaves at most once.

Nothing is kept, repeated or redirected. Until the connection stands, TLS included, no byte of the request
has left; that is what makes a failed connection proof that nothing was sent. httpx's own transport proves the
same at three times the processor time, and orders go out some forty a second.
"""

import asyncio
import ssl
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

import h11
import httpx

PART = 64 * 1024
PORTS = {"http": 80, "https": 443}


class OneShot(httpx.AsyncBaseTransport):
    """Raises httpx.ConnectError, ConnectTimeout or UnsupportedProtocol before anything is sent."""

    def __init__(self, tls: ssl.SSLContext) -> None:
        self._tls = tls

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if request.url.scheme not in PORTS:
            raise httpx.UnsupportedProtocol("Orders go over HTTP.")
        times = request.extensions["timeout"]
        reader, writer = await self._connected(request.url, times["connect"])
        exchange = _Exchange(reader, writer, h11.Connection(h11.CLIENT), times["read"])
        try:
            await exchange.say(request, times["write"])
            head = await exchange.head()
        except BaseException:
            await exchange.aclose()
            raise
        return httpx.Response(head.status_code, headers=head.headers.raw_items(), stream=exchange)

    async def _connected(
        self, url: httpx.URL, within: float
    ) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        tls = self._tls if url.scheme == "https" else None
        port = url.port or PORTS[url.scheme]
        with _told(httpx.ConnectTimeout, httpx.ConnectError):
            async with asyncio.timeout(within):
                return await asyncio.open_connection(url.host, port, ssl=tls)


@dataclass(frozen=True, slots=True)
class _Exchange(httpx.AsyncByteStream):
    """One request and its answer, whose body is a stream; closing it ends the connection at once."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    state: h11.Connection
    within: float  # seconds that the other side may be silent

    async def say(self, request: httpx.Request, within: float) -> None:
        body = await request.aread()
        asked = h11.Request(
            method=request.method, target=request.url.raw_path, headers=list(request.headers.raw)
        )
        parts = [self.state.send(part) for part in (asked, h11.Data(body), h11.EndOfMessage())]
        self.writer.write(b"".join(part for part in parts if part))
        # Who answers before it has heard all, and hangs up, may still have refused it: that is read below.
        with _told(httpx.WriteTimeout, httpx.WriteError):
            async with asyncio.timeout(within):
                with suppress(ConnectionError, ssl.SSLError):
                    await self.writer.drain()

    async def head(self) -> h11.Response:
        while not isinstance(event := await self._event(), h11.Response):
            if not isinstance(event, h11.InformationalResponse):
                raise httpx.RemoteProtocolError("The connection ended before an answer.")
        return event

    async def __aiter__(self) -> AsyncIterator[bytes]:
        while isinstance(event := await self._event(), h11.Data):
            yield bytes(event.data)

    async def aclose(self) -> None:
        self.writer.transport.abort()

    async def _event(self) -> object:
        """What the other side says next; h11 knows what is no HTTP and what was cut short."""
        with _told(httpx.ReadTimeout, httpx.ReadError):
            while (event := self._next()) is h11.NEED_DATA:
                async with asyncio.timeout(self.within):
                    self.state.receive_data(await self.reader.read(PART))
        return event

    def _next(self) -> object:
        try:
            return self.state.next_event()
        except h11.RemoteProtocolError as error:
            raise httpx.RemoteProtocolError(str(error)) from None


@contextmanager
def _told(late: type[httpx.TransportError], broken: type[httpx.TransportError]) -> Iterator[None]:
    """Errors of sockets and TLS by httpx's names."""
    try:
        yield
    except TimeoutError as error:
        raise late(str(error)) from None
    except OSError as error:
        raise broken(str(error)) from None
