"""Webhooks that go wrong on demand."""

from time import monotonic

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from sandbox.fal import signing
from tests.sandbox.conftest import Json, Sandbox, until


def hooked(box: Sandbox, url: str) -> Json:
    submitted: Json = box.fal_submit(query=f"?fal_webhook={url}/h").json()
    return submitted


def test_webhooks_may_come_twice_late_or_never(box: Sandbox, listener):
    box.fault(do="hook-twice")
    hooked(box, listener.url)
    until(lambda: len(listener.heard) == 2)
    assert listener.heard[0].body == listener.heard[1].body
    box.fault(do="hook-late", seconds=0.3)
    started = monotonic()
    hooked(box, listener.url)
    until(lambda: len(listener.heard) == 3)
    assert listener.heard[2].at - started >= 0.3
    box.fault(do="hook-lost")
    box.fal_ended(hooked(box, listener.url))
    hooked(box, listener.url)
    until(lambda: len(listener.heard) == 4)


def test_webhooks_may_come_before_the_answer_to_the_submit(box: Sandbox, listener):
    box.fault(do="hook-early")
    request = hooked(box, listener.url)["request_id"]
    assert [heard.json()["request_id"] for heard in listener.heard] == [request]


def test_webhooks_may_come_in_the_wrong_order(box: Sandbox, listener):
    box.fault(do="hook-reordered")
    box.kling_create(callback_url=listener.url)
    until(lambda: len(listener.heard) == 3)
    told = [heard.json()["task_status"] for heard in listener.heard]
    assert told == ["succeed", "processing", "submitted"]


def test_webhooks_that_are_refused_are_sent_again(box: Sandbox, listener):
    listener.statuses = [500, 503]
    hooked(box, listener.url)
    until(lambda: len(listener.heard) == 3)
    until(lambda: box.control("hooks")["deliveries"][0]["statuses"] == [500, 503, 200])


@pytest.mark.parametrize(
    "do", ["hook-forged", "hook-stranger", "hook-stale", "hook-unsigned", "hook-changed"]
)
def test_webhooks_may_carry_what_is_not_to_be_believed(box: Sandbox, listener, do: str):
    box.fault(do=do, seconds=600)
    hooked(box, listener.url)
    (heard,) = until(lambda: listener.heard)
    if do == "hook-unsigned":
        assert "X-Fal-Webhook-Signature" not in heard.headers
        return
    names = ("Request-Id", "User-Id", "Timestamp")
    request, user, timestamp = (heard.headers[f"X-Fal-Webhook-{name}"] for name in names)
    stated = signing.headers(request, user, int(timestamp), heard.body, forged=False)
    genuine = stated["X-Fal-Webhook-Signature"] == heard.headers["X-Fal-Webhook-Signature"]
    assert genuine == (do in ("hook-stranger", "hook-stale"))
    assert (user == box.control("")["fal"]["user_id"]) == (do != "hook-stranger")
    late = box.control("clock", {"offset": 0})["now"] - int(timestamp)
    assert (late > 500) == (do == "hook-stale")


def test_webhooks_never_leave_the_machine(box: Sandbox):
    hooked(box, "http://10.1.2.3")
    until(lambda: box.control("hooks")["deliveries"])
    until(lambda: box.control("hooks")["deliveries"][0]["statuses"][:1] == [0])


def test_a_forged_signature_fails_against_the_published_key(box: Sandbox):
    raw = signing.KEY.public_key().public_bytes_raw()
    with pytest.raises(InvalidSignature):
        Ed25519PublicKey.from_public_bytes(raw).verify(signing.NOBODYS_KEY.sign(b"x"), b"x")
