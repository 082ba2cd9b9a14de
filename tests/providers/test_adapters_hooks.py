"""Webhooks: what is signed is verified with the vendors' own test vectors, what is forged is not believed."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
import uvloop

from providers.base import Account, BadHookError, Hint, HookKeys
from providers.http import Exits
from providers.registry import provider
from tests.providers.scripted import Reply, at_desk
from tests.providers.test_adapters_fal import fal

VECTOR = {
    "X-Fal-Webhook-Request-Id": "00000000-0000-4000-8000-000000000001",
    "X-Fal-Webhook-User-Id": "user-1",
    "X-Fal-Webhook-Timestamp": "1795000000",
    "X-Fal-Webhook-Signature": "828ba62fee5998ca2915df4be4cb9c5d46418a1e8c820e1184fe03ccbb22bb3e"
    "db5c352994ccf52e124720a6051cc5fa7945cd7d3eb2c9928dc43c2c1099e10d",
}
VECTOR_BODY = b'{"request_id":"00000000-0000-4000-8000-000000000001","status":"OK","payload":{"images":[]}}'
VECTOR_JWKS = {
    "keys": [
        {"kty": "RSA", "n": "x", "e": "AQAB"},
        {"kty": "OKP", "crv": "Ed25519", "x": "short"},
        {"kty": "OKP", "crv": "Ed25519", "x": "A6EHv_POEL4dcN0Y50vAmWfk1jCbpQ1fHdyGZBJVMbg"},
    ]
}
VECTOR_AT = datetime.fromtimestamp(1795000000, UTC)


def vector_keys() -> HookKeys:
    async def talk(desk, exits):
        return await fal(desk.base, exits).public_keys(), desk

    found, desk = at_desk({"GET /rest/.well-known/jwks.json": Reply(VECTOR_JWKS)}, talk)
    assert "authorization" not in desk.asked[0].headers
    assert isinstance(found, tuple)
    return HookKeys(public_keys=found, user_id="user-1", now=VECTOR_AT)


def hint(headers: dict[str, str], body: bytes, keys: HookKeys) -> Hint:
    async def read() -> Hint:
        exits = Exits()
        try:
            return fal("http://127.0.0.1:9", exits).read_hook(headers, body, keys)
        finally:
            await exits.close()

    return uvloop.run(read())


def test_a_signed_webhook_names_its_request():
    keys = vector_keys()
    assert len(keys.public_keys) == 1
    found = hint(VECTOR, VECTOR_BODY, keys)
    assert found.remote_id == "00000000-0000-4000-8000-000000000001"
    assert found.verified
    assert hint({name.upper(): value for name, value in VECTOR.items()}, VECTOR_BODY, keys) == found
    assert not hint(VECTOR, VECTOR_BODY, replace(keys, user_id="")).verified


@pytest.mark.parametrize(
    ("changed", "body", "minutes", "said"),
    [
        ({}, VECTOR_BODY + b" ", 0, "signature"),
        ({"X-Fal-Webhook-Signature": ""}, VECTOR_BODY, 0, "not signed"),
        ({"X-Fal-Webhook-Signature": "82"}, VECTOR_BODY, 0, "signature"),
        ({"X-Fal-Webhook-Signature": "0" * 128}, VECTOR_BODY, 0, "signature"),
        ({"X-Fal-Webhook-User-Id": "user-2"}, VECTOR_BODY, 0, "signature"),
        ({"X-Fal-Webhook-Request-Id": "r-\ud800"}, VECTOR_BODY, 0, "signature"),
        ({"X-Fal-Webhook-Timestamp": "NaN"}, VECTOR_BODY, 0, "not a time"),
        ({"X-Fal-Webhook-Timestamp": "9" * 20}, VECTOR_BODY, 0, "not a time"),
        ({}, VECTOR_BODY, 6, "too old"),
        ({}, VECTOR_BODY, -6, "too old"),
    ],
)
def test_a_forged_or_stale_webhook_is_not_believed(changed, body, minutes, said):
    keys = replace(vector_keys(), now=VECTOR_AT + timedelta(minutes=minutes))
    with pytest.raises(BadHookError, match=said):
        hint({**VECTOR, **changed}, body, keys)


def test_a_webhook_that_is_signed_for_another_user_is_not_believed():
    with pytest.raises(BadHookError, match="another user"):
        hint(VECTOR, VECTOR_BODY, replace(vector_keys(), user_id="user-2"))
    with pytest.raises(BadHookError, match="signature"):
        hint(VECTOR, VECTOR_BODY, replace(vector_keys(), public_keys=()))


KLING_SECRET = "whsec_dGVzdHNlY3JldHRlc3RzZWNyZXR0ZXN0c2VjcmV0MTI="
KLING_BODY = (
    b'{"id":"1234567890","status":"succeeded","message":"","create_time":1781080778802,'
    b'"update_time":1781080794151}'
)
KLING = {
    "Webhook-Id": "9876543210",
    "Webhook-Timestamp": "1781080794",
    "Webhook-Signature": "v1,UsKlJP00XoQyOn410NM9xv34sP+Gl0jnOO9Lcpr7NJ4=",
}
KLING_KEYS = HookKeys(secrets=(KLING_SECRET,), now=datetime.fromtimestamp(1781080800, UTC))


def of(route: str, headers: dict[str, str], body: bytes, keys: HookKeys) -> Hint:
    async def read() -> Hint:
        exits = Exits()
        try:
            return provider(Account(1, route, "secret", {}), exits).read_hook(headers, body, keys)
        finally:
            await exits.close()

    return uvloop.run(read())


def test_a_signed_callback_of_kling_names_its_task():
    assert of("kling", KLING, KLING_BODY, KLING_KEYS) == Hint("1234567890", "9876543210", verified=True)
    rotated = {**KLING, "Webhook-Signature": f"v1,AAAA v2,x , {KLING['Webhook-Signature']}"}
    assert of(
        "kling", rotated, KLING_BODY, replace(KLING_KEYS, secrets=("whsec_", "x", KLING_SECRET))
    ).verified
    plain = KLING_SECRET.removeprefix("whsec_")
    assert of("kling", KLING, KLING_BODY, replace(KLING_KEYS, secrets=(plain,))).verified


@pytest.mark.parametrize(
    ("changed", "body", "minutes"),
    [
        ({}, KLING_BODY.replace(b"succeeded", b"submitted"), 0),
        ({"Webhook-Id": "1"}, KLING_BODY, 0),
        ({"Webhook-Signature": "v2,UsKlJP00XoQyOn410NM9xv34sP+Gl0jnOO9Lcpr7NJ4="}, KLING_BODY, 0),
        ({"Webhook-Signature": "\ud800"}, KLING_BODY, 0),
        ({"Webhook-Timestamp": "-1"}, KLING_BODY, 0),
        ({"Webhook-Timestamp": "0"}, KLING_BODY, 0),
        ({"Webhook-Timestamp": ""}, KLING_BODY, 0),
        ({}, KLING_BODY, 6),
        ({}, KLING_BODY, -6),
    ],
)
def test_a_forged_or_stale_callback_of_kling_is_not_believed(changed, body, minutes):
    assert KLING_KEYS.now
    keys = replace(KLING_KEYS, now=KLING_KEYS.now + timedelta(minutes=minutes))
    with pytest.raises(BadHookError):
        of("kling", {**KLING, **changed}, body, keys)


def test_what_is_not_signed_is_no_more_than_a_hint():
    body = b'{"task_id": "861234567890123456", "task_status": "succeed"}'
    unsigned = of("kling", {}, body, KLING_KEYS)
    assert (unsigned.remote_id, unsigned.verified) == ("861234567890123456", False)
    assert not of("kling", KLING, KLING_BODY, HookKeys()).verified
    for body in (
        b'{"data": [{"taskUUID": "t-1"}]}',
        b'{"errors": [{"taskUUID": "t-1"}]}',
        b'{"taskUUID": "t-1"}',
    ):
        found = of("runware", {}, body, HookKeys())
        assert (found.remote_id, found.verified) == ("t-1", False)
        assert of("runware", {}, body, HookKeys()) == found


UNREADABLE = [
    b"",
    b"not json",
    b"[]",
    b"7",
    b"[" * 200_000,
    b'{"task_id": ' + b"9" * 5000 + b"}",
    b'{"task_id": NaN, "taskUUID": 1e400}',
    b'{"task_id": "../../x", "taskUUID": "a/b", "request_id": null}',
    b"\xff\xfe{\x00}\x00",
    b"\x1f\x8b\x08\x00",
    b'{"task_id": "\\ud800", "taskUUID": "\\u0000"}',
]


@pytest.mark.parametrize("body", UNREADABLE, ids=range(len(UNREADABLE)))
@pytest.mark.parametrize("route", ["fal", "runware", "kling"])
def test_a_body_that_cannot_be_read_is_refused(route, body):
    with pytest.raises(BadHookError):
        of(route, {**VECTOR, **KLING}, body, replace(KLING_KEYS, now=VECTOR_AT))
