"""reliability.md D5, the rows that tests/providers/test_http.py leaves out: where results are not fetched."""

import asyncio
import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from providers.addresses import ForbiddenError, Hosts, allowed
from providers.http import Downloaded, Exits, NoAnswer
from tests.providers.test_http import answering, downloaded, head, picture

FAL = Hosts(("fal.media",))
INSIDE = ["http://169.254.169.254/", "https://[::ffff:10.0.0.1]/", "file:///etc/passwd", "https://evil.test/"]


@pytest.mark.parametrize(
    "url",
    [
        "file:///etc/passwd",
        "gopher://fal.media/x",
        "unix:/run/x.sock",
        "javascript:alert(1)",
        "https://fal.media:0/x",
        "https://fal.media:65536/x",
        "https://fal.media:-1/x",
        "https://127.1/x",
        "https://0x7f000001/x",
        "https://0177.0.0.1/x",
        "https://169.254.169.254./x",
        "https://[::ffff:169.254.169.254]/x",
        "https://[fe80::1%25lo]/x",
        "https://xn--fl-kia.media/x",
        "https://fаl.media/x",
        "https://fal.media\u3002evil.test/x",
        "https://fal.media\t.evil.test/x",
        "https:///x",
        "//fal.media/x",
        "/x",
    ],
)
def test_an_address_of_another_kind_or_place_is_refused(url: str) -> None:
    with pytest.raises(ForbiddenError):
        allowed(url, FAL)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("target", INSIDE)
def test_no_kind_of_redirect_leads_inside(tmp_path: Path, status: int, target: str) -> None:
    moved = f"HTTP/1.1 {status} X\r\nLocation: {target}\r\nContent-Length: 0\r\n\r\n".encode()
    with pytest.raises(ForbiddenError):
        downloaded(answering(moved), tmp_path / "p")


def test_a_redirect_that_leads_to_itself_is_left(tmp_path: Path) -> None:
    """Three are followed and no more, and none of them carries a key."""
    seen: list[bytes] = []

    async def turning(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            seen.append(await head(reader))
            writer.write(b"HTTP/1.1 302 X\r\nLocation: /again\r\nContent-Length: 0\r\n\r\n")

    with pytest.raises(ForbiddenError):
        downloaded(turning, tmp_path / "p")
    assert len(seen) == 4
    assert not any(b"authorization" in one.lower() for one in seen)


def test_the_environment_leads_nobody_elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither a proxy nor passwords of the machine's user are taken from it."""
    for name in ("HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login a password b\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    seen: list[bytes] = []

    async def noting(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        seen.append(await head(reader))
        writer.write(picture(b"\x89PNG" * 10))

    assert isinstance(downloaded(noting, tmp_path / "p"), Downloaded)
    assert b"authorization" not in seen[0].lower()


@pytest.mark.parametrize("found", [[], ["10.0.0.7", "169.254.169.254", "::1"], ["100.64.0.1"]])
def test_a_name_is_only_as_good_as_what_it_means(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, found: list[str]
) -> None:
    """Nothing at all, or addresses inside only: no connection is tried."""
    monkeypatch.setattr(socket, "getaddrinfo", _meaning(lambda: found))
    assert isinstance(_asked(tmp_path), NoAnswer)


def test_a_name_that_means_something_else_when_it_connects_is_not_followed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each question to the name server is answered otherwise; what is asked first is what is connected to."""
    answers = iter([["127.0.0.1"], ["93.184.216.34"]])
    asked: list[int] = []

    def meaning() -> list[str]:
        asked.append(1)
        return next(answers)

    monkeypatch.setattr(socket, "getaddrinfo", _meaning(meaning))
    assert isinstance(_asked(tmp_path), NoAnswer)
    assert len(asked) == 1


def test_of_a_name_with_two_meanings_the_inner_one_is_never_connected_to(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its public address may be; here nobody may be reached at all."""
    tried: list[str] = []

    async def connected(*given: object, **more: object) -> None:
        tried.append(str(more.get("addr_infos", given)))
        raise OSError("nobody is reached in a test")

    monkeypatch.setattr("aiohttp.connector.aiohappyeyeballs.start_connection", connected)
    monkeypatch.setattr(socket, "getaddrinfo", _meaning(lambda: ["10.0.0.7", "93.184.216.34"]))
    assert isinstance(_asked(tmp_path), NoAnswer)
    assert "93.184.216.34" in "".join(tried)
    assert "10.0.0.7" not in "".join(tried)


def _meaning(found: Callable[[], list[str]]) -> Callable[..., list[tuple[object, ...]]]:
    def asked(*given: object, **more: object) -> list[tuple[object, ...]]:
        return [
            (socket.AF_INET6 if ":" in one else socket.AF_INET, socket.SOCK_STREAM, 6, "", _place(one))
            for one in found()
        ]

    return asked


def _place(address: str) -> tuple[object, ...]:
    return (address, 443, 0, 0) if ":" in address else (address, 443)


def _asked(folder: Path) -> object:
    async def run() -> object:
        exits = Exits()
        try:
            return await exits.download("https://v3.fal.media/p", folder / "p", FAL, 100)
        finally:
            await exits.close()

    return asyncio.run(run())
