"""What counts as not sent and what as unclear, proven class by class against real sockets; and where results
may come from."""

import asyncio
import datetime
import gzip
import socket
import ssl
import struct
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest
import uvloop
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from providers.addresses import ForbiddenError, Hosts
from providers.http import ANSWER_LIMIT, Answer, Downloaded, Exits, NoAnswer, NotSent

Handler = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
QUICK = httpx.Timeout(connect=0.4, read=0.4, write=0.4, pool=0.4)
SANDBOX = Hosts((), loopback=True)
OK = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 11\r\n\r\n" + b'{"id": "x"}'


@asynccontextmanager
async def served(handler: Handler, context: ssl.SSLContext | None = None) -> AsyncIterator[int]:
    server = await asyncio.start_server(handler, "127.0.0.1", 0, ssl=context)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()


async def head(reader: asyncio.StreamReader) -> bytes:
    return await reader.readuntil(b"\r\n\r\n")


def posted(
    handler: Handler,
    scheme: str = "http",
    context: ssl.SSLContext | None = None,
    within: float = 5,
    body: bytes = b"{}" * 2000,
):
    async def run() -> Answer | NotSent | NoAnswer:
        exits = Exits(loopback=True, submit_times=QUICK)
        try:
            async with served(handler, context) as port:
                return await exits.post_once(f"{scheme}://127.0.0.1:{port}/", body, {}, within)
        finally:
            await exits.close()

    return uvloop.run(run())


def answering(data: bytes, linger: bool = False, wait: float = 0) -> Handler:
    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await head(reader)
        await asyncio.sleep(wait)
        writer.write(data)
        await writer.drain()
        if linger:
            raw = writer.get_extra_info("socket")
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        writer.close()

    return handler


async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await asyncio.sleep(3)


async def deaf(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.close()


def test_a_whole_answer_is_an_answer() -> None:
    answer = posted(answering(OK))
    assert isinstance(answer, Answer)
    assert (answer.status, answer.json()) == (200, {"id": "x"})


def test_a_refusal_is_an_answer_as_well() -> None:
    answer = posted(answering(b"HTTP/1.1 422 No\r\nContent-Length: 2\r\n\r\nno"))
    assert isinstance(answer, Answer)
    assert (answer.status, answer.json()) == (422, None)


def test_a_redirect_is_not_followed() -> None:
    answer = posted(
        answering(b"HTTP/1.1 307 X\r\nLocation: http://127.0.0.1:9/\r\nContent-Length: 0\r\n\r\n")
    )
    assert isinstance(answer, Answer)
    assert answer.status == 307


def test_a_refused_connection_is_not_sent() -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]

    async def run():
        exits = Exits(loopback=True, submit_times=QUICK)
        result = await exits.post_once(f"http://127.0.0.1:{port}/", b"{}", {})
        await exits.close()
        return result

    assert uvloop.run(run()) == NotSent("ConnectError")


def test_a_name_without_an_address_is_not_sent(monkeypatch) -> None:
    def nowhere(*arguments, **options):
        raise socket.gaierror(socket.EAI_NONAME, "no such name")

    monkeypatch.setattr(socket, "getaddrinfo", nowhere)

    async def run():
        exits = Exits(submit_times=QUICK)
        result = await exits.post_once("http://queue.example/", b"{}", {})
        await exits.close()
        return result

    assert uvloop.run(run()) == NotSent("ConnectError")


def test_a_connection_that_does_not_come_about_in_time_is_not_sent() -> None:
    with socket.socket() as full:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        fillers = [socket.socket() for _ in range(8)]
        for filler in fillers:
            filler.setblocking(False)
            filler.connect_ex(full.getsockname())

        async def run():
            exits = Exits(loopback=True, submit_times=QUICK)
            result = await exits.post_once(f"http://127.0.0.1:{full.getsockname()[1]}/", b"{}", {})
            await exits.close()
            return result

        assert uvloop.run(run()) == NotSent("ConnectTimeout")
        for filler in fillers:
            filler.close()


def test_a_server_without_tls_is_not_sent() -> None:
    async def plain(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"hello, this is no TLS")
        await writer.drain()

    assert posted(plain, scheme="https") == NotSent("ConnectError")


def test_a_certificate_that_nobody_vouches_for_is_not_sent(tmp_path) -> None:
    assert posted(answering(OK), scheme="https", context=own_certificate(tmp_path)) == NotSent("ConnectError")


@pytest.mark.parametrize(
    ("handler", "reason"),
    [
        (deaf, {"ReadError", "RemoteProtocolError", "WriteError"}),
        (answering(b""), {"RemoteProtocolError"}),
        (answering(b"", linger=True), {"ReadError", "RemoteProtocolError"}),
        (answering(b"HTTP/1.1 200 OK\r\nContent-Le"), {"RemoteProtocolError"}),
        (answering(b"\x00\xff not http at all\r\n\r\n"), {"RemoteProtocolError"}),
        (answering(OK[:-4]), {"RemoteProtocolError", "ReadError"}),
        (answering(OK, wait=2), {"ReadTimeout"}),
        (silent, {"ReadTimeout"}),
    ],
    ids=[
        "closes at once",
        "closes after it",
        "resets",
        "half a header",
        "garbage",
        "cut body",
        "late",
        "hangs",
    ],
)
def test_whatever_happens_once_it_is_connected_is_unclear(handler, reason) -> None:
    answer = posted(handler)
    assert isinstance(answer, NoAnswer)
    assert answer.reason in reason


def test_another_protocol_is_not_sent() -> None:
    assert posted(answering(OK), scheme="ftp") == NotSent("UnsupportedProtocol")


def test_an_order_that_is_not_heard_to_its_end_is_unclear() -> None:
    assert posted(silent, body=b"x" * 20_000_000) == NoAnswer("WriteTimeout")


def test_a_refusal_before_all_of_the_order_was_heard_is_an_answer() -> None:
    async def hasty(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await head(reader)
        writer.write(b"HTTP/1.1 413 Too large\r\nContent-Length: 2\r\n\r\nno")
        while await reader.read(65536):
            pass

    answer = posted(hasty, body=b"x" * 20_000_000)
    assert isinstance(answer, Answer)
    assert answer.status == 413


def test_what_comes_before_the_answer_is_passed_over() -> None:
    answer = posted(answering(b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" + OK))
    assert isinstance(answer, Answer)
    assert answer.status == 200


def test_an_answer_that_drips_ends_with_the_time_for_all_of_it() -> None:
    async def dripping(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await head(reader)
        for byte in OK:
            writer.write(bytes([byte]))
            await asyncio.sleep(0.1)

    assert posted(dripping, within=0.8) == NoAnswer("TimeoutError")


def test_an_endless_answer_is_cut_off() -> None:
    async def endless(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await head(reader)
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n")
        for _ in range(ANSWER_LIMIT // 65536 + 40):
            writer.write(b"x" * 65536)
            await writer.drain()

    assert posted(endless) == NoAnswer("ReadError")


def test_every_post_has_a_connection_of_its_own() -> None:
    connections = 0

    async def counting(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal connections
        connections += 1
        while await reader.read(65536):
            writer.write(OK)

    async def run() -> None:
        exits = Exits(loopback=True)
        async with served(counting) as port:
            for _ in range(3):
                await exits.post_once(f"http://127.0.0.1:{port}/", b"{}", {})
        await exits.close()

    uvloop.run(run())
    assert connections == 3


def asked(handler: Handler, path: str = "/"):
    async def run():
        exits = Exits(loopback=True)
        try:
            async with served(handler) as port:
                return await exits.ask("GET", f"http://127.0.0.1:{port}{path}", {"authorization": "Key k"})
        finally:
            await exits.close()

    return uvloop.run(run())


def test_a_question_that_is_redirected_takes_the_key_nowhere_else() -> None:
    answer = asked(answering(b"HTTP/1.1 302 X\r\nLocation: http://127.0.0.1:9/\r\nContent-Length: 0\r\n\r\n"))
    assert isinstance(answer, Answer)
    assert answer.status == 302


def test_an_address_is_asked_for_just_as_it_is_written() -> None:
    seen = b""

    async def noting(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal seen
        seen = await head(reader)
        writer.write(OK)

    assert isinstance(asked(noting, "/a%2Fb~c?sig=x%2By%3D&z=%7E"), Answer)
    assert seen.startswith(b"GET /a%2Fb~c?sig=x%2By%3D&z=%7E HTTP/1.1\r\n")


def test_a_bomb_of_an_answer_is_cut_off() -> None:
    bomb = gzip.compress(bytes(10 * ANSWER_LIMIT))
    head = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(bomb)
    assert isinstance(asked(answering(head + bomb)), NoAnswer)


def downloaded(handler: Handler, target: Path, hosts: Hosts = SANDBOX, limit: int = 10_000):
    async def run():
        exits = Exits(loopback=True)
        try:
            async with served(handler) as port:
                return await exits.download(f"http://127.0.0.1:{port}/p.png", target, hosts, limit)
        finally:
            await exits.close()

    return uvloop.run(run())


def picture(body: bytes, declared: int | None = None) -> bytes:
    size = len(body) if declared is None else declared
    return b"HTTP/1.1 200 OK\r\nContent-Type: image/png\r\nContent-Length: %d\r\n\r\n" % size + body


def test_a_result_is_stored_whole_and_its_head_is_told(tmp_path) -> None:
    body = b"\x89PNG" * 500
    got = downloaded(answering(picture(body)), tmp_path / "p")
    assert got == Downloaded(len(body), body[:32])
    assert (tmp_path / "p").read_bytes() == body


@pytest.mark.parametrize(
    "data",
    [
        picture(b"x" * 50, declared=500),
        b"HTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n",
        b"",
        picture(b"x" * 20_000),
    ],
    ids=["truncated", "gone", "closed", "too large"],
)
def test_a_result_that_is_not_whole_is_none(tmp_path, data) -> None:
    assert isinstance(downloaded(answering(data), tmp_path / "p"), NoAnswer)


@pytest.mark.parametrize(
    "target",
    ["http://169.254.169.254/", "https://169.254.169.254/", "file:///etc/passwd", "https://evil.test/"],
)
def test_a_redirect_to_a_forbidden_place_is_not_followed(tmp_path, target) -> None:
    moved = f"HTTP/1.1 302 X\r\nLocation: {target}\r\nContent-Length: 0\r\n\r\n".encode()
    with pytest.raises(ForbiddenError):
        downloaded(answering(moved), tmp_path / "p")


def test_a_name_that_leads_inside_is_not_connected_to(tmp_path, monkeypatch) -> None:
    """The allow-list lets the name pass; its address is what is refused, as the connection is made."""
    inside = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("10.0.0.7", 443))]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *arguments, **options: inside)

    async def run():
        exits = Exits()
        try:
            return await exits.download("https://v3.fal.media/p", tmp_path / "p", Hosts(("fal.media",)), 100)
        finally:
            await exits.close()

    assert isinstance(uvloop.run(run()), NoAnswer)


def own_certificate(folder: Path) -> ssl.SSLContext:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now)
        .not_valid_after(now + datetime.timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    encoding, no_key = serialization.Encoding.PEM, serialization.NoEncryption()
    written = key.private_bytes(encoding, serialization.PrivateFormat.PKCS8, no_key)
    (folder / "own.pem").write_bytes(written + certificate.public_bytes(encoding))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "own.pem")
    return context
