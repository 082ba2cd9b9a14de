"""Bodies that are not what was promised."""

import asyncio
import binascii
import gzip
import struct
import zlib
from contextlib import suppress
from functools import lru_cache

from aiohttp import web

HTML = (
    b"<html>\r\n<head><title>%s</title></head>\r\n<body>\r\n<center><h1>%s</h1></center>\r\n"
    b"<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n"
)
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
ENDLESS_CHUNKS = 4096  # of 64 KiB: a client that reads on for 256 MiB is let go
BOMB_SIDE = 30_000


def gateway_page(status: int) -> bytes:
    """The page of a gateway in front of the vendor."""
    words = f"{status} {_reason(status)}".encode()
    return HTML % (words, words)


async def strange(request: web.Request, kind: str, good: bytes, content_type: str) -> web.StreamResponse:
    """An answer of 200 with other content; `kind` as `faults.WIRE` lists them."""
    if kind == "endless":
        return await _endless(request, content_type)
    if kind == "gzip-bomb":
        headers = {"Content-Encoding": "gzip", "Content-Type": content_type}
        return web.Response(body=_gzip_bomb(), headers=headers)
    if kind == "longer":
        return await _longer(request, good, content_type)
    plain = {
        "empty": (b"", content_type),
        "html": (gateway_page(200), "text/html"),
        "json": (b'{"error":"not here"}', "application/json"),
        "svg": (SVG, "image/svg+xml"),
        "pixel-bomb": (_pixel_bomb(), "image/png"),
        "cut": (good[: len(good) // 2], content_type),
    }
    body, stated = plain[kind]
    return web.Response(body=body, headers={"Content-Type": stated})


async def _endless(request: web.Request, content_type: str) -> web.StreamResponse:
    answer = web.StreamResponse(headers={"Content-Type": content_type})
    answer.enable_chunked_encoding()
    await answer.prepare(request)
    with suppress(ConnectionError):  # the client has had enough
        for _ in range(ENDLESS_CHUNKS):
            await answer.write(bytes(65536))
            await asyncio.sleep(0)
    return answer


async def _longer(request: web.Request, good: bytes, content_type: str) -> web.StreamResponse:
    """More bytes than the header declares."""
    if request.transport:
        head = f"HTTP/1.1 200 OK\r\nContent-Type: {content_type}\r\nContent-Length: {len(good) // 2}\r\n\r\n"
        request.transport.write(head.encode() + good)
        request.transport.close()
    return web.Response()


@lru_cache(maxsize=1)
def _gzip_bomb() -> bytes:
    return gzip.compress(bytes(100_000_000), compresslevel=9)


@lru_cache(maxsize=1)
def _pixel_bomb() -> bytes:
    """A sound PNG of 900 megapixels in about 100 kB."""
    header = struct.pack(">IIBBBBB", BOMB_SIDE, BOMB_SIDE, 1, 0, 0, 0, 0)
    pixels = zlib.compress(bytes((BOMB_SIDE // 8 + 1) * BOMB_SIDE), 9)
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", header) + _chunk(b"IDAT", pixels) + _chunk(b"IEND", b"")


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", binascii.crc32(name + data))


def _reason(status: int) -> str:
    return web.Response(status=status).reason or "Error"
