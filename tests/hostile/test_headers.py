"""What every answer carries, whatever it is: page, fragment, refusal, bytes."""

import pytest
from django.http import HttpResponseBase
from django.test import Client

from tests.hostile import routes
from tests.hostile.calls import CALLS
from tests.hostile.world import World, address, call, enter, let_go

pytestmark = pytest.mark.django_db
# Pictures and archives: what a browser or a cache may keep for long must not carry a session.
BYTES = {
    "elements:photo",
    "elements:staged",
    "elements:picture",
    "elements:export",
    "elements:consent_document",
    "generations:picture",
    "delivery:download",
    "delivery:zip",
}
STREAMS = {"generations:live", "generations:live_all"}
METHODS = ("HEAD", "PUT", "PATCH", "DELETE", "TRACE", "OPTIONS", "PROPFIND")
# The redirect from / answers all of these alike.
REDIRECTS = {"home"}
# Providers have no page to take a token from; the address itself is the secret.
TOKENLESS = {"generations:hook"}
ALL = sorted(CALLS)


@pytest.fixture
def producer(world: World) -> Client:
    return enter(world, world.insiders["producer"], Client())


def check(answer: HttpResponseBase) -> None:
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "http" not in policy
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "private" in answer.headers["Cache-Control"]
    assert "no-store" in answer.headers["Cache-Control"] or "no-cache" in answer.headers["Cache-Control"]
    assert answer.headers["X-Frame-Options"] == "DENY"
    assert answer.headers["Referrer-Policy"] == "same-origin"
    assert "Cookie" in answer.headers["Vary"]


@pytest.mark.parametrize("name", ALL)
def test_an_answer_is_private_and_disarmed(world, producer, name):
    check(call(world, producer, name))
    check(call(world, producer, name, HX_Request="true", HX_Request_Type="partial"))


@pytest.mark.parametrize("name", ALL)
def test_a_refusal_is_private_and_disarmed(world, name):
    check(call(world, enter(world, world.stranger, Client()), name))
    check(call(world, Client(), name))
    check(call(world, Client(enforce_csrf_checks=True), name))


@pytest.mark.parametrize("name", sorted(BYTES))
def test_bytes_carry_no_cookie(world, name):
    """Not even the first ones after signing in, or after ten minutes of quiet."""
    client = Client()
    client.force_login(world.insiders["producer"])
    answer = call(world, client, name)
    assert answer.status_code == 200
    assert "Set-Cookie" not in answer.headers
    assert not answer.cookies


def test_a_wrong_host_is_refused_and_disarmed(world, producer):
    answer = producer.get("/projects/", headers={"Host": "evil.test"})
    assert answer.status_code == 400
    assert b"could not be read" in answer.content
    assert b"evil.test" not in answer.content
    assert "unsafe" not in answer.headers["Content-Security-Policy"]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("name", ALL)
def test_other_methods_are_answered_without_effect(world, producer, name):
    for method in METHODS:
        answer = producer.generic(method, address(world, name))
        let_go(answer)
        takes_head = method == "HEAD" and answer.status_code in (200, 404, 503)
        assert answer.status_code == 405 or takes_head or name in REDIRECTS
        check(answer)
        if answer.status_code == 405 and method != "HEAD":
            assert f"does not take {method}".encode() in answer.content


@pytest.mark.parametrize(
    "name", [name for name in ALL if CALLS[name].method == "POST" and name not in TOKENLESS]
)
def test_nothing_is_sent_without_a_token(world, name):
    client = enter(world, world.insiders["producer"], Client(enforce_csrf_checks=True))
    answer = call(world, client, name)
    assert answer.status_code == 403
    assert b"too old to send" in getattr(answer, "content", b"")


def test_the_forms_of_libraries_want_a_token_too():
    for route in routes.every():
        if route.module.startswith("allauth.") and "<" not in route.pattern and "(" not in route.pattern:
            answer = Client(enforce_csrf_checks=True).post(f"/{route.pattern}", {"login": "a@example.com"})
            assert answer.status_code in (302, 403, 404), route
            check(answer)
