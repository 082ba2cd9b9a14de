"""References by address: only hosts on the list, only https, and one readable sentence for whatever comes."""

import asyncio
import html
import threading
from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from pathlib import Path

import pytest
from asgiref.sync import async_to_sync, sync_to_async
from django.test import Client
from django.utils import timezone
from hypothesis import HealthCheck, given
from hypothesis import settings as quickly
from hypothesis import strategies as st

from accounts.models import User
from accounts.people import RefusedError
from elements import fetching
from elements.models import Fetching, Reference, WantedReference
from elements.sweep import sweep
from media import decoder
from media.facts import Facts
from media.models import Blob
from projects.models import Project
from providers.http import Exits
from tests.factories import make_picture, make_project, make_user

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}
ADDRESS = "https://pictures.example/set/harbour%20night.png?w=800"


@pytest.fixture(autouse=True)
def _hosts(settings) -> None:
    settings.REFERENCE_HOSTS = ["pictures.example", "stills.example"]


def wish(project: Project, user: User | None = None, url: str = ADDRESS) -> WantedReference:
    return WantedReference.objects.create(
        project_id=project.pk, url=url, host="pictures.example", created_by=user
    )


def answer(body: bytes, status: str = "200 OK", headers: str = "") -> bytes:
    return f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\n{headers}\r\n".encode() + body


def fetched(wanted: WantedReference, told: bytes) -> WantedReference:
    """The row after its address was asked, on this machine, and answered so."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(told)
        await writer.drain()
        writer.close()

    async def run() -> None:
        server = await asyncio.start_server(serve, "127.0.0.1", 0)
        port, exits = server.sockets[0].getsockname()[1], Exits(loopback=True)
        wanted.url = f"http://127.0.0.1:{port}/set/harbour%20night.png?w=800"
        await wanted.asave(update_fields=["url"])
        try:
            await fetching.fetch(wanted, exits, loopback=True)
        finally:
            await exits.close()
            server.close()

    async_to_sync(run)()
    wanted.refresh_from_db()
    return wanted


def post(web: Client, project: Project, address: str) -> tuple[int, str]:
    told = web.post(f"/projects/{project.slug}/references", {"address": address}, headers=HTMX)
    return told.status_code, html.unescape(told.content.decode())


def test_an_address_waits_in_its_place_until_the_picture_is_there(web, ana, project):
    status, place = post(web, project, ADDRESS)
    row = WantedReference.objects.get()
    address = f"/references/wanted/{row.uuid}"
    assert (status, row.host, row.created_by) == (200, "pictures.example", ana)
    assert f'data-wanted="{address}"' in place
    assert web.get(address).status_code == 204
    composer = web.post(f"/projects/{project.slug}/composer", {"mode": "still", "wanted": str(row.uuid)})
    assert f'data-wanted="{address}"' in composer.content.decode()
    assert "A reference is still being fetched." in composer.content.decode()
    done = fetched(row, answer(make_picture(size=(640, 400))))
    assert (done.state, done.error) == (Fetching.THERE, "")
    chip = web.get(address).content.decode()
    assert f'name="reference" value="{Reference.objects.get().uuid}"' in chip
    assert Reference.objects.get().name == "harbour night.png"
    assert Reference.objects.get().created_by == ana


@pytest.mark.parametrize(
    ("address", "sentence"),
    [
        (
            "https://elsewhere.example/a.png",
            "elsewhere.example is not on the studio's list of hosts (pictures.example, stills.example); "
            "nothing was fetched. Save the picture and drop the file here.",
        ),
        ("https://notpictures.example/a.png", "notpictures.example is not on the studio's list"),
        ("http://pictures.example/a.png", "from plain https addresses only; nothing was fetched"),
        ("https://me:secret@pictures.example/a.png", "from plain https addresses only"),
        ("https://pictures.example:8443/a.png", "from plain https addresses only"),
        ("https://pictures.example\\@127.0.0.1/a.png", "nothing was fetched"),
        ("https://127.0.0.1/a.png", "127.0.0.1 is not on the studio's list"),
        ("file:///etc/passwd", "This address cannot be read"),
        ("https://[::1/a.png", "This address cannot be read"),
        ("https://pictures.example/" + "a" * 3000, "This address cannot be read"),
    ],
)
def test_any_other_address_is_refused_with_a_sentence(web, project, address, sentence):
    status, said = post(web, project, address)
    assert status == 422
    assert sentence in said
    assert not WantedReference.objects.exists()


def test_with_no_list_no_address_is_taken(web, project, settings):
    settings.REFERENCE_HOSTS = []
    _, said = post(web, project, ADDRESS)
    assert (
        "pictures.example is not on the studio's list of hosts, which is empty; nothing was fetched" in said
    )


@quickly(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=60)
@given(st.text(min_size=1, max_size=60), st.sampled_from(["", "https://", "https://pictures.example"]))
def test_whatever_is_typed_is_a_place_or_a_sentence(ana, project, typed, before):
    said, row = "", None
    try:
        row = fetching.ask(project.pk, before + typed, ana)
    except RefusedError as refusal:
        said = str(refusal)
    refused = said.endswith(("drop the file here.", "when they are there."))
    assert refused or (row is not None and row.host == "pictures.example")


def test_the_same_address_is_asked_for_once(web, project):
    post(web, project, ADDRESS)
    post(web, project, f"  {ADDRESS} ")
    assert WantedReference.objects.count() == 1


def test_no_more_than_twenty_wait_in_a_project(web, ana, project):
    for number in range(fetching.WAITING_MOST):
        wish(project, ana, f"{ADDRESS}&n={number}")
    status, said = post(web, project, ADDRESS)
    assert (status, WantedReference.objects.count()) == (422, fetching.WAITING_MOST)
    assert "20 addresses wait to be fetched. Add this one when they are there." in said


@pytest.mark.parametrize(
    ("told", "sentence"),
    [
        (answer(b"", "404 Not Found"), "pictures.example answered 404 instead of a picture."),
        (answer(b"<html>"), "This file is not a JPEG, PNG, WebP or AVIF picture."),
        (answer(b""), "This file is empty."),
        (answer(make_picture())[:-20], "pictures.example did not answer with a whole picture."),
        (
            answer(b"", "302 Found", "Location: https://elsewhere.example/a.png\r\n"),
            "leads to a place that is not on",
        ),
        (
            answer(b"", "302 Found", "Location: http://169.254.169.254/a.png\r\n"),
            "leads to a place that is not on",
        ),
    ],
)
def test_what_is_no_picture_leaves_a_sentence_and_no_reference(web, project, told, sentence):
    row = fetched(wish(project), told)
    assert row.state == Fetching.FAILED
    refused = web.get(f"/references/wanted/{row.uuid}")
    assert refused.status_code == 422
    assert sentence in html.unescape(refused.content.decode())
    assert not Reference.objects.exists()


def test_a_picture_beyond_the_limit_is_not_kept(project, monkeypatch):
    monkeypatch.setattr("elements.fetching.intake.UPLOAD_LIMIT", 2_000)
    row = fetched(wish(project), answer(make_picture() + b"\0" * 2_000))
    assert "is larger than" in row.error
    assert not Blob.objects.exists()


def test_a_name_that_leads_to_this_machine_is_not_fetched(project):
    async def run() -> None:
        exits = Exits()
        try:
            await fetching.fetch(row, exits)
        finally:
            await exits.close()

    row = wish(project, url="https://127.0.0.1/a.png")
    async_to_sync(run)()
    row.refresh_from_db()
    assert row.state == Fetching.FAILED


def test_a_wish_is_held_by_one_and_taken_again_when_its_holder_is_gone(project):
    row = wish(project)
    assert fetching.claim() == [row]
    assert fetching.claim() == []
    WantedReference.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
    assert fetching.claim() == [row]


def test_the_dispatcher_fetches_all_that_waits(project):
    async def run(act: Callable[[Exits], Awaitable[int]]) -> int:
        exits = Exits()
        try:
            return await act(exits)
        finally:
            await exits.close()

    rows = [wish(project, url=f"https://127.0.0.1/{number}.png") for number in range(2)]
    assert async_to_sync(run)(fetching.fetch_waiting) == 2
    assert async_to_sync(run)(fetching.fetch_waiting) == 0
    assert WantedReference.objects.filter(pk__in=[row.pk for row in rows], state="failed").count() == 2


def test_what_is_fetched_for_a_deleted_project_is_let_go(project):
    row = wish(project)
    WantedReference.objects.filter(pk=row.pk).update(state=Fetching.FAILED, error="Given up.")
    assert fetched(row, answer(make_picture())).state == Fetching.FAILED
    assert not Reference.objects.exists()


def test_nobody_waits_for_rows_while_a_picture_is_decoded(project, monkeypatch):
    """The dispatcher has one thread for all its rows, and a picture may take a second."""
    threads = []
    examine = decoder.examine

    def seen(source: Path, renditions: Mapping[int, Path]) -> Facts:
        threads.append(threading.current_thread())
        return examine(source, renditions)

    monkeypatch.setattr(decoder, "examine", seen)
    assert fetched(wish(project), answer(make_picture())).state == Fetching.THERE
    [decoded_in] = threads
    assert decoded_in not in (threading.current_thread(), async_to_sync(_thread_of_rows)())


async def _thread_of_rows() -> threading.Thread:
    return await sync_to_async(threading.current_thread)()


def test_what_nobody_fetches_says_so_and_is_forgotten_after_a_day(web, project, monkeypatch):
    monkeypatch.setattr("elements.sweep._next", 0.0)
    late, old = wish(project), wish(project)
    WantedReference.objects.filter(pk=late.pk).update(created_at=timezone.now() - timedelta(minutes=11))
    WantedReference.objects.filter(pk=old.pk).update(created_at=timezone.now() - timedelta(hours=25))
    sweep()
    said = web.get(f"/references/wanted/{late.uuid}")
    assert "was not fetched within ten minutes" in said.content.decode()
    assert web.get(f"/references/wanted/{old.uuid}").status_code == 404


def test_what_others_wait_for_is_not_there(web):
    elsewhere = make_project("Elsewhere", make_user("ben@example.com"))
    assert web.get(f"/references/wanted/{wish(elsewhere).uuid}").status_code == 404
