"""reliability.md D6: what may come to an order's own webhook address, through the real view.

Everything is answered with a number below 500, and nothing but the provider's own word changes an order.
"""

import gzip
import json
import time

import pytest
from django.test import Client
from django.urls import reverse

from generations import hooks
from generations.models import Attempt, Event, Generation, InboxEvent, Outcome, State
from projects.models import Project
from routes import vault
from routes.models import Credential
from sandbox.fal import signing as fal_signing
from sandbox.fal.access import user_id
from sandbox.kling import signing as kling_signing
from spend.models import LedgerEntry
from tests.dispatch import door, oracle
from tests.dispatch.door import Knock
from tests.dispatch.hands import ROUTES, one_of_each, states, work_on_for
from tests.paid import ENDPOINTS, Sandbox, dispatch, dispatch_all, make_key, order

ELSEWHERE = "http://169.254.169.254/latest/meta-data"
BODIES: dict[str, str | bytes] = {
    "no byte": b"",
    "not JSON": b"status=done",
    "a list": b"[]",
    "a number": b"7",
    "two hundred thousand brackets": b"[" * 200_000,
    "a number of five thousand digits": b'{"task_id": ' + b"9" * 5000 + b', "taskUUID": "{job}"}',
    "a megabyte and a byte": b'{"x": "' + b"x" * 1024 * 1024 + b'"}',
    "UTF-16": '{"task_id": "{job}"}'.encode("utf-16"),
    "a bomb": gzip.compress(bytes(1_000_000)),
    "a mark of order": b"\xef\xbb\xbf{}",
    "NUL": '{"request_id": "{job}", "task_id": "{job}", "taskUUID": "{job}", "x": "\\u0000"}',
    "half a pair": '{"request_id": "{job}", "task_id": "{job}", "taskUUID": "{job}", "x": "\\ud800"}',
    "no numbers": '{"request_id": "{job}", "task_id": "{job}", "taskUUID": "{job}", "cost": NaN, "x": 1e400}',
    "names twice": '{"request_id": "{job}", "request_id": "{job}", "task_id": "{job}", "taskUUID": "{job}"}',
    "done with nothing": (
        '{"request_id": "{job}", "status": "OK", "task_id": "{job}", "task_status": "succeed",'
        ' "taskUUID": "{job}", "data": []}'
    ),
    "failed with pictures": (
        '{"request_id": "{job}", "status": "ERROR", "payload": {"images": [{"url": "{elsewhere}"}]},'
        ' "task_id": "{job}", "task_status": "failed", "taskUUID": "{job}", "errors": [{"code": "x"}]}'
    ),
    "pictures elsewhere": (
        '{"request_id": "{job}", "status": "OK", "payload": {"images": [{"url": "{elsewhere}"}]},'
        ' "task_id": "{job}", "task_status": "succeed", "status": "succeeded",'
        ' "task_result": {"images": [{"index": 0, "url": "{elsewhere}"}]}, "final_unit_deduction": "999",'
        ' "taskUUID": "{job}", "imageURL": "{elsewhere}", "cost": 99}'
    ),
}


@pytest.fixture
def under_way(project: Project, room: Sandbox) -> list[Generation]:
    """An order of each route that runs as long as a test likes."""
    room.fault("job-hangs", operation="submit", times=0)
    orders = one_of_each(project)
    Credential.objects.filter(route="kling").update(hook_sealed=vault.seal(kling_signing.SECRET))
    dispatch(
        lambda: states(orders) == {State.SUBMITTED} and bool(Credential.objects.get(route="fal").hook_keys)
    )
    return orders


@pytest.mark.parametrize("body", BODIES)
def test_whatever_comes_signed_changes_nothing(under_way: list[Generation], body: str) -> None:
    """With a signature that is right, and with none."""
    before = _books()
    for generation in under_way:
        attempt = _accepted(generation)
        for is_signed in (True, False):
            assert door.post(_knock(attempt, _filled(BODIES[body], attempt), is_signed)) in (200, 400, 413)
    work_on_for(0.3)
    assert states(under_way) == {State.SUBMITTED}
    assert _books() == before
    assert not Generation.objects.filter(outputs__source__gt="").exists(), "no address of theirs is taken"


@pytest.mark.parametrize("stamp", ["", "0", "-1", "NaN", "1e9", "9" * 20, "old", "ahead", "١٧٩٥٠٠٠٠٠٠"])
def test_a_time_that_is_not_now_is_not_let_in(under_way: list[Generation], stamp: str) -> None:
    given = {"old": str(int(time.time()) - 360), "ahead": str(int(time.time()) + 360)}.get(stamp, stamp)
    for generation in under_way:
        attempt = _accepted(generation)
        knock = _knock(attempt, _filled(BODIES["NUL"], attempt), is_signed=True)
        for name in knock.headers:
            if name.lower().endswith("timestamp"):
                knock.headers[name] = given
        assert door.post(knock) == (200 if generation.route == "runware" else 400)
    assert not InboxEvent.objects.exclude(attempt__route="runware").exists()


def test_only_posts_come_in(under_way: list[Generation], client: Client) -> None:
    for generation in under_way:
        path = _path(_accepted(generation))
        assert {client.generic(method, path).status_code for method in ("GET", "HEAD", "PUT", "DELETE")} == {
            405
        }


def test_an_address_is_one_attempts_own(under_way: list[Generation], client: Client) -> None:
    """A token of another, one that is cut, longer or in other letters, and a number that nobody has."""
    one, other, third = [_accepted(generation) for generation in under_way]
    token = hooks.token(one.uuid)
    wrong = [hooks.token(other.uuid), token[:-1], token + "0", token.upper(), "0"]
    for text in wrong:
        path = reverse("generations:hook", args=[one.uuid, text])
        assert client.post(path, b"{}", "application/json").status_code == 404
    nobodys = reverse("generations:hook", args=[third.generation.uuid, token])
    assert client.post(nobodys, b"{}", "application/json").status_code == 404
    assert not InboxEvent.objects.exists()


@pytest.mark.parametrize("route", ROUTES)
def test_a_webhook_of_what_never_arrived_is_only_looked_into(
    project: Project, room: Sandbox, route: str
) -> None:
    """Its attempt is void: somebody names a job that no provider knows, and that of another order."""
    make_key(route)
    generation = order(project, ENDPOINTS[route])
    dispatch_all()
    first = _accepted(generation)
    void = Attempt.objects.create(
        generation=generation,
        number=2,
        credential=first.credential,
        route=route,
        body={},
        body_sha256="",
        sent_at=first.sent_at,
        outcome=Outcome.VOID,
        is_done=True,
    )
    before = _books()
    for job in ("00000000-0000-4000-8000-000000000009", first.remote_id):
        body = json.dumps({"request_id": job, "task_id": job, "taskUUID": job}).encode()
        assert door.post(_knock(void, body, is_signed=True, job=job)) == 200
        work_on_for(0.5)
    void.refresh_from_db()
    assert (void.outcome, void.remote_id) == (Outcome.VOID, "")
    assert _books()[:1] == before[:1]
    oracle.check(room)


@pytest.mark.parametrize("answer", [{"do": "answer", "status": 503}, {"do": "content", "kind": "endless"}])
def test_without_fals_keys_its_webhooks_wait_outside_and_asking_brings_the_end(
    project: Project, room: Sandbox, answer: dict[str, object]
) -> None:
    fault = dict(answer)
    room.fault(str(fault.pop("do")), path="*/jwks.json", times=0, **fault)
    with door.standing() as ours:
        make_key("fal")
        generation = order(project, ENDPOINTS["fal"])
        dispatch_all(also=ours.answer)
        dispatch(lambda: bool(ours.knocks), also=ours.answer)
    assert ours.statuses() == {400}
    assert states([generation]) == {State.SUCCEEDED}
    oracle.check(room)


def _accepted(generation: Generation) -> Attempt:
    return generation.attempts.get(outcome=Outcome.ACCEPTED)


def _knock(attempt: Attempt, body: bytes, is_signed: bool, job: str = "") -> Knock:
    now, headers = int(time.time()), {}
    if is_signed and attempt.route == "fal":
        user = user_id("sandbox-fal")
        headers = fal_signing.headers(job or attempt.remote_id, user, now, body, forged=False)
    if is_signed and attempt.route == "kling":
        headers = kling_signing.headers(f"message {now}", now, body, forged=False)
    return Knock(_path(attempt), headers, body)


def _path(attempt: Attempt) -> str:
    return reverse("generations:hook", args=[attempt.uuid, hooks.token(attempt.uuid)])


def _filled(body: str | bytes, attempt: Attempt) -> bytes:
    text = body.encode() if isinstance(body, str) else body
    return text.replace(b"{job}", attempt.remote_id.encode()).replace(b"{elsewhere}", ELSEWHERE.encode())


def _books() -> tuple[int, int, set[str]]:
    found = set(Generation.objects.values_list("state", flat=True))
    return LedgerEntry.objects.count(), Event.objects.count(), found
