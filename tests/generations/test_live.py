"""Live streams over a real server with real threads."""

import contextlib
import json
import queue
import threading
import time
from collections.abc import Callable, Iterator

import httpx
import pytest
from pytest_django.live_server_helper import LiveServer

from generations import live, pipeline
from generations.models import Event
from projects.models import Membership, Project
from tests.factories import make_generation, make_project

pytestmark = pytest.mark.django_db(transaction=True)
PATIENCE = 20.0
Heard = queue.Queue[tuple[int, dict[str, list[str]]]]
ENDED: tuple[int, dict[str, list[str]]] = (0, {})


@pytest.fixture
def cookies(client, ana):
    client.force_login(ana)
    return {name: morsel.value for name, morsel in client.cookies.items()}


@pytest.fixture(autouse=True)
def quiet_afterwards(monkeypatch):
    """Streams notice a reader's leaving only when they write; none may outlive its test."""
    monkeypatch.setattr(live, "NAP", 0.05)
    yield
    live.end_streams()
    wait_until(lambda: live.feed.is_idle)
    live.feed = live.Feed()


@contextlib.contextmanager
def listening(
    live_server: LiveServer, cookies: dict[str, str], path: str, after: int | None = None
) -> Iterator[Heard]:
    """A queue that fills with the messages of a stream, each as (id, ids)."""
    heard: Heard = queue.Queue()
    headers = {"Last-Event-ID": str(after)} if after is not None else {}
    address = f"{live_server.url}{path}"
    with (
        httpx.Client(cookies=cookies, timeout=PATIENCE) as http,
        http.stream("GET", address, headers=headers) as answer,
    ):
        assert answer.status_code == 200
        lines = answer.iter_lines()
        assert next(lines) == "retry: 2000"
        threading.Thread(target=read, args=(lines, heard), daemon=True).start()
        yield heard


def read(lines: Iterator[str], heard: Heard) -> None:
    event = 0
    with contextlib.suppress(httpx.HTTPError, httpx.StreamError):
        for line in lines:
            if line.startswith("id: "):
                event = int(line[4:])
            elif line.startswith("data: "):
                heard.put((event, json.loads(line[6:])))
    heard.put(ENDED)


def wait_until(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def path(project: Project) -> str:
    return f"/projects/{project.slug}/live"


def test_what_happens_is_heard(live_server, cookies, ana, project):
    with listening(live_server, cookies, path(project)) as heard:
        generation = make_generation(project, ana)
        event, ids = heard.get(timeout=PATIENCE)
    assert ids == {"generations": [str(generation.uuid)], "outputs": []}
    assert event == Event.objects.latest("pk").pk


def test_only_the_own_project_is_heard(live_server, cookies, ana, project):
    elsewhere = make_project("Elsewhere")
    with listening(live_server, cookies, path(project)) as heard:
        make_generation(elsewhere)
        generation = make_generation(project, ana)
        assert heard.get(timeout=PATIENCE)[1]["generations"] == [str(generation.uuid)]


def test_the_queue_of_all_hears_every_project_of_the_person(live_server, cookies, ana, project):
    with listening(live_server, cookies, "/queue/live") as heard:
        make_generation(make_project("Elsewhere"))
        generation = make_generation(project, ana)
        assert heard.get(timeout=PATIENCE)[1]["generations"] == [str(generation.uuid)]


def test_coming_back_tells_exactly_what_was_missed(live_server, cookies, ana, project):
    first = make_generation(project, ana)
    last = Event.objects.latest("pk").pk
    second = make_generation(project, ana)
    output = second.outputs.get()
    held = pipeline.claim(output.pk, "test")
    assert held is not None
    pipeline.fail(held, "No light.", "test")
    with listening(live_server, cookies, path(project), after=last) as heard:
        event, ids = heard.get(timeout=PATIENCE)
        assert ids == {"generations": [str(second.uuid)], "outputs": [str(output.uuid)]}
        assert event == Event.objects.latest("pk").pk
        pipeline.cancel(first, "test")
        assert heard.get(timeout=PATIENCE)[1] == {"generations": [str(first.uuid)], "outputs": []}
        assert heard.empty()


def test_a_full_server_answers_204_until_somebody_leaves(live_server, cookies, ana, project, settings):
    settings.WEB_THREADS = 4
    assert live.places() == 1
    with httpx.Client(cookies=cookies) as http:
        with listening(live_server, cookies, path(project)):
            assert http.get(f"{live_server.url}{path(project)}").status_code == 204

        def has_place() -> bool:
            make_generation(project, ana)
            with http.stream("GET", f"{live_server.url}{path(project)}") as answer:
                return answer.status_code == 200

        wait_until(has_place)


def test_a_removed_member_hears_no_more(live_server, cookies, ana, project):
    with listening(live_server, cookies, path(project)) as heard:
        Membership.objects.filter(user=ana).delete()
        make_generation(project)
        assert heard.get(timeout=PATIENCE) == ENDED


def test_streams_end_when_the_server_does(live_server, cookies, project):
    with listening(live_server, cookies, path(project)) as heard:
        live.end_streams()
        assert heard.get(timeout=PATIENCE) == ENDED


@pytest.mark.parametrize("after", ["x", "-1", "9" * 40, "1; DROP", "٣"])
def test_an_unreadable_last_event_starts_at_the_present(live_server, cookies, ana, project, after):
    make_generation(project, ana)
    address = f"{live_server.url}{path(project)}?after={after}"
    with httpx.Client(cookies=cookies) as http, http.stream("GET", address) as answer:
        assert answer.status_code == 200
        assert next(answer.iter_lines()) == "retry: 2000"
