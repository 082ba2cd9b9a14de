"""fal.ai by every answer that its pages document; answers.json holds them as they come."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from providers import catalogue
from providers.base import (
    Accepted,
    Account,
    BillLine,
    Blame,
    CancelOutcome,
    JobRef,
    KeyReport,
    Need,
    NotFound,
    NotReached,
    Posting,
    Prepared,
    Progress,
    Refused,
    SentAttempt,
    Stage,
    Unclear,
)
from providers.fal import Fal
from providers.http import Exits
from tests.providers.scripted import LOST, Desk, Reply, at_desk

SECRET = "canary-id-1234:canary-secret-abcdef"
ANSWERS = json.loads((Path(__file__).parent / "fal" / "answers.json").read_text())
ENDPOINT = catalogue.endpoint("fal-o3-text")
BODY = {"prompt": "A pier at dawn", "num_images": 2, "sync_mode": False}
SUBMIT = "POST /queue/fal-ai/kling-image/o3/text-to-image"
JOB = JobRef("r-1", ENDPOINT, "attempt-1", count=2)
HOOKED = replace(JOB, is_hooked=True)
STATUS = "GET /queue/fal-ai/kling-image/requests/r-1/status"
RESULT = "GET /queue/fal-ai/kling-image/requests/r-1"
CANCEL = "PUT /queue/fal-ai/kling-image/requests/r-1/cancel"
HISTORY = "GET /api/models/requests/by-endpoint"
COMPLETED = Reply({"status": "COMPLETED", "request_id": "r-1", "logs": None, "metrics": {}})
SENT = SentAttempt("attempt-1", ENDPOINT, BODY, datetime.now(UTC) - timedelta(minutes=1))


def fal(base: str, exits: Exits) -> Fal:
    bases = {"queue": f"{base}/queue", "rest": f"{base}/rest", "api": f"{base}/api"}
    return Fal(Account(1, "fal", SECRET, bases, loopback=True), exits)


def reply(recorded: dict[str, Any]) -> Reply:
    body = recorded["body"]
    return Reply(
        body.encode() if isinstance(body, str) else body, recorded["status"], recorded.get("headers", {})
    )


def named(recorded: dict[str, Any]) -> str:
    return f"{recorded['status']}-{recorded['is']}"


def submitted(answer: Reply, hook: str = ""):
    async def talk(desk, exits):
        found = await fal(desk.base, exits).submit(Posting(ENDPOINT, BODY, "attempt-1", hook))
        return found, desk

    return at_desk({SUBMIT: answer}, talk)


def progress(status: Reply, result: Reply | None = None, job: JobRef = JOB) -> Progress | None:
    async def talk(desk: Desk, exits: Exits) -> Progress | None:
        return (await fal(desk.base, exits).poll([job])).get(job)

    return at_desk({STATUS: status, RESULT: result or Reply(status=404)}, talk)


@pytest.mark.parametrize("recorded", ANSWERS["submit"], ids=named)
def test_every_answer_to_an_order_is_read(recorded):
    found, desk = submitted(reply(recorded))
    assert len(desk.asked) == 1
    if recorded["is"] == "accepted":
        assert found == Accepted("11111111-1111-4111-8111-111111111111")
    elif recorded["is"] == "unclear":
        assert isinstance(found, Unclear)
    else:
        assert isinstance(found, Refused)
        assert found.blame == recorded["is"]
        assert (found.field, found.after) == (recorded.get("field", ""), recorded.get("after"))
        assert found.may_be_billed == recorded.get("billed", False)
        assert "charged" in found.sentence


def test_an_order_is_posted_once_as_fal_wants_it():
    found, desk = submitted(
        Reply(
            {
                "request_id": "r-1",
                "response_url": "BASE/queue/fal-ai/kling-image/requests/r-1",
                "status_url": "BASE/queue/fal-ai/kling-image/requests/r-1/status",
                "cancel_url": "BASE/queue/fal-ai/kling-image/requests/r-1/cancel",
            }
        ),
        hook="https://studio.example/hooks/t0ken?x=1&y=2",
    )
    [asked] = desk.asked
    assert asked.json() == BODY
    assert asked.query == {"fal_webhook": "https://studio.example/hooks/t0ken?x=1&y=2"}
    assert asked.headers["authorization"] == f"Key {SECRET}"
    assert asked.headers["x-fal-request-timeout"] == "600"
    assert json.loads(asked.headers["x-fal-object-lifecycle-preference"]) == {
        "expiration_duration_seconds": 604800
    }
    assert not {"x-fal-store-io", "x-fal-no-retry"} & set(asked.headers)
    own = f"{desk.base}/queue/fal-ai/kling-image/requests/r-1"
    assert found == Accepted("r-1", {"status": f"{own}/status", "response": own, "cancel": f"{own}/cancel"})


@pytest.mark.parametrize(
    "url",
    [
        "https://evil.test/queue/status",
        "http://127.0.0.1:1@evil.test/",
        "http://127.0.0.1/queue/x",
        "file:///etc/passwd",
        "BASE/elsewhere/status",
        7,
    ],
)
def test_the_key_goes_to_no_address_outside_the_queue(url):
    found, _ = submitted(Reply({"request_id": "r-1", "status_url": url, "response_url": url}))
    assert found == Accepted("r-1", {})


def test_a_saved_address_outside_the_queue_is_built_anew():
    job = replace(JOB, urls={"status": "http://127.0.0.1:9/status", "response": "x", "cancel": ""})
    found = progress(Reply({"status": "IN_QUEUE", "queue_position": 1}, 202), job=job)
    assert found == Progress(Stage.WAITING, place=1)


def test_a_lost_answer_is_unclear_and_nobody_listening_is_not_reached():
    found, desk = submitted(LOST)
    assert isinstance(found, Unclear)
    assert len(desk.asked) == 1

    async def talk(desk, exits):
        return await fal("http://127.0.0.1:9", exits).submit(Posting(ENDPOINT, BODY, "attempt-1"))

    assert isinstance(at_desk({}, talk), NotReached)


@pytest.mark.parametrize("recorded", ANSWERS["status"], ids=named)
def test_every_status_is_read(recorded):
    found = progress(reply(recorded))
    if recorded["is"] == "untold":
        assert found is None
    else:
        assert found is not None
        assert (found.stage, found.place) == (recorded["is"], recorded.get("place"))


@pytest.mark.parametrize("recorded", ANSWERS["result"], ids=named)
@pytest.mark.parametrize("job", [JOB, HOOKED], ids=["polled", "hooked"])
def test_every_result_is_read(recorded, job):
    found = progress(COMPLETED, reply(recorded), job)
    if recorded["is"] == "untold":
        assert found is None
        return
    assert found is not None
    assert found.stage == recorded["is"]
    assert len(found.pictures) == recorded.get("pictures", 0)
    assert found.cost_usd == (Decimal(recorded["cost"]) if "cost" in recorded else None)
    if recorded["is"] == "failed":
        assert found.refused is not None
        assert (found.refused.blame, found.refused.field) == (recorded["blame"], recorded.get("field", ""))
        assert found.refused.may_be_billed == recorded.get("billed", False)


def test_a_result_that_the_status_already_calls_failed_ends_the_request():
    told = Reply({"status": "COMPLETED", "error": "Invalid status code: 500", "logs": None})
    found = progress(told, Reply({"detail": "Internal server error"}, 500))
    assert found is not None
    assert found.stage is Stage.FAILED
    assert found.note == "Internal server error"


def test_what_a_webhook_spoke_of_is_fetched_with_one_question():
    picture = {"url": "https://v3.fal.media/files/a.png", "content_type": "image/png"}

    async def talk(desk: Desk, exits: Exits) -> tuple[Progress, Desk]:
        return (await fal(desk.base, exits).poll([HOOKED]))[HOOKED], desk

    found, desk = at_desk({RESULT: Reply({"images": [picture, picture]})}, talk)
    assert (found.stage, len(found.pictures), len(desk.asked)) == (Stage.DONE, 2, 1)


def test_a_webhook_that_came_too_early_is_not_believed():
    """The result of a request that runs is refused by fal, whose status then counts."""
    early = Reply({"detail": "Request is still in progress"}, 400)
    assert progress(Reply({"status": "IN_PROGRESS"}, 202), early, HOOKED) == Progress(Stage.RUNNING)


def looked_for(*pages: Any, sent: SentAttempt = SENT):
    async def talk(desk, exits):
        return await fal(desk.base, exits).find(sent), desk

    return at_desk({HISTORY: [Reply(page) for page in pages]}, talk)


def entry(remote: str, body: object = BODY, minutes: float = -1) -> dict[str, object]:
    at = SENT.sent_at + timedelta(minutes=1 + minutes)
    return {"request_id": remote, "sent_at": at.isoformat(), "json_input": body, "status_code": 200}


def test_a_lost_order_is_found_by_its_body_alone():
    filled = {**BODY, "resolution": "1K"}
    others = [entry("other", {**BODY, "prompt": "A pier at dusk"}), entry("old", minutes=-30), {}, 7]
    found, desk = looked_for(
        {"items": others, "next_cursor": "2"}, {"items": [entry("r-9", filled)], "next_cursor": None}
    )
    assert found == Accepted("r-9")
    first, second = desk.asked
    assert first.query["endpoint_id"] == "fal-ai/kling-image/o3/text-to-image"
    assert (first.query["expand"], second.query["cursor"]) == ("payloads", "2")


def test_what_belongs_to_another_attempt_is_not_taken():
    page = {"items": [entry("r-8"), entry("r-9")], "next_cursor": None}
    found, _ = looked_for(page, sent=replace(SENT, bound=frozenset({"r-8"})))
    assert found == Accepted("r-9")


def test_two_that_look_alike_are_left_to_people():
    found, _ = looked_for({"items": [entry("r-8"), entry("r-9")]})
    assert isinstance(found, Unclear)


def test_an_empty_history_proves_nothing():
    found, _ = looked_for({"items": []})
    assert isinstance(found, NotFound)
    assert not found.proof


@pytest.mark.parametrize("page", [b"", {}, {"items": 5}, b"<html>"])
def test_a_history_that_cannot_be_read_settles_nothing(page):
    found, _ = looked_for(page)
    assert isinstance(found, Unclear)


def test_half_a_history_settles_nothing():
    found, _ = looked_for({"items": [entry("r-9")], "next_cursor": "again"})
    assert isinstance(found, Unclear)


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        (Reply({"status": "CANCELLATION_REQUESTED"}, 202), CancelOutcome.ASKED),
        (Reply({"success": True}), CancelOutcome.ASKED),
        (Reply({"status": "ALREADY_COMPLETED"}, 400), CancelOutcome.TOO_LATE),
    ],
)
def test_a_cancellation_is_asked_for_or_comes_too_late(answer, outcome):
    async def talk(desk, exits):
        return await fal(desk.base, exits).cancel(JOB)

    assert at_desk({CANCEL: answer}, talk) is outcome


@pytest.mark.parametrize("answer", [Reply({"status": "NOT_FOUND"}, 404), Reply(b"", 502), LOST])
def test_a_cancellation_without_an_answer_is_unclear(answer):
    async def talk(desk, exits):
        return await fal(desk.base, exits).cancel(JOB)

    assert isinstance(at_desk({CANCEL: answer}, talk), Unclear)


def checked(billing: Reply, pricing: Reply):
    async def talk(desk, exits):
        return await fal(desk.base, exits).check_key()

    script = {"GET /api/account/billing": billing, "GET /api/models/pricing": pricing}
    return at_desk(script, talk)


def test_a_key_is_tried_with_the_balance_and_else_with_a_price():
    credits = {"current_balance": 24.5, "currency": "USD"}
    no_right = Reply({"error": {"type": "authorization_error", "message": "Admin key required"}}, 403)
    locked = Reply({"detail": "User is locked. Reason: Exhausted balance."}, 403)
    assert checked(Reply({"username": "us", "credits": credits}), LOST) == KeyReport(
        True, "The key works.", Decimal("24.5")
    )
    report = checked(no_right, Reply({"prices": []}))
    assert isinstance(report, KeyReport)
    assert (report.works, report.balance_usd) == (True, None)
    for billing, pricing in [
        (Reply({"detail": "Authentication is required"}, 401), LOST),
        (locked, LOST),
        (no_right, Reply({"error": {"type": "authorization_error", "message": "Bad key"}}, 401)),
    ]:
        report = checked(billing, pricing)
        assert isinstance(report, KeyReport)
        assert not report.works
    assert isinstance(checked(Reply(b"<html>", 502), LOST), Unclear)
    assert isinstance(checked(LOST, LOST), Unclear)


def test_an_input_is_uploaded_without_the_key(tmp_path):
    photo = tmp_path / "photo"
    photo.write_bytes(b"\xff\xd8\xff" + b"x" * 1000)

    async def talk(desk, exits):
        return await fal(desk.base, exits).prepare(Need(file=photo)), desk

    told = {"upload_url": "BASE/put/1", "file_url": "BASE/files/1.jpg"}
    script = {"POST /rest/storage/upload/initiate": Reply(told), "PUT /put/1": Reply({})}
    found, desk = at_desk(script, talk)
    assert isinstance(found, Prepared)
    assert found.remote == f"{desk.base}/files/1.jpg"
    assert found.expires_at is not None
    [initiate], [put] = desk.of("POST", "/rest/storage/upload/initiate"), desk.of("PUT", "/put/1")
    assert initiate.query == {"storage_type": "fal-cdn-v3"}
    assert initiate.json() == {"file_name": "input.jpeg", "content_type": "image/jpeg"}
    assert put.body == photo.read_bytes()
    assert put.headers["content-type"] == "image/jpeg"
    assert "authorization" not in put.headers


@pytest.mark.parametrize(
    "told",
    [
        {"upload_url": "https://evil.test/1", "file_url": "BASE/1"},
        {"upload_url": "https://169.254.169.254/1", "file_url": "BASE/1"},
        {"upload_url": "BASE/1", "file_url": "https://evil.test/1"},
        {"upload_url": None},
        {},
    ],
)
def test_an_input_goes_nowhere_but_to_fal(tmp_path, told):
    photo = tmp_path / "photo"
    photo.write_bytes(b"x")

    async def talk(desk, exits):
        return await fal(desk.base, exits).prepare(Need(file=photo)), desk

    found, desk = at_desk({"POST /rest/storage/upload/initiate": Reply(told)}, talk)
    assert isinstance(found, Unclear)
    assert len(desk.asked) == 1


def test_a_refused_upload_says_why(tmp_path):
    photo = tmp_path / "photo"
    photo.write_bytes(b"x")

    async def talk(desk, exits):
        return await fal(desk.base, exits).prepare(Need(file=photo))

    refusal = Reply({"detail": "Authentication is required"}, 401)
    found = at_desk({"POST /rest/storage/upload/initiate": refusal}, talk)
    assert isinstance(found, Refused)
    assert found.blame is Blame.ACCOUNT


def test_the_bill_has_a_line_for_every_charged_request():
    at = datetime(2026, 11, 20, 12, tzinfo=UTC)
    event = {"request_id": "r-1", "timestamp": "2026-11-20T12:00:00Z", "cost_total": 0.056}
    page = {"billing_events": [event, {"request_id": "r-2"}], "next_cursor": None, "has_more": False}

    async def talk(desk, exits):
        return await fal(desk.base, exits).bill(at - timedelta(hours=1), at + timedelta(hours=1))

    lines = at_desk({"GET /api/models/billing-events": Reply(page)}, talk)
    assert lines == [BillLine("r-1", Decimal("0.056"), at)]


def test_a_key_that_a_provider_repeats_is_shown_to_nobody():
    found, _ = submitted(Reply({"detail": f"Invalid key {SECRET} <b>of</b> canary-secret-abcdef\x00"}, 403))
    assert isinstance(found, Refused)
    assert "canary" not in repr(found)
    assert "<b>" not in found.sentence


def test_a_key_that_fits_no_header_is_refused_and_does_not_break_anything():
    async def talk(desk, exits):
        bases = {"queue": f"{desk.base}/queue"}
        bad = Fal(Account(1, "fal", "schlüssel\r\nx: y", bases, loopback=True), exits)
        return await bad.submit(Posting(ENDPOINT, BODY, "attempt-1")), desk

    found, desk = at_desk({SUBMIT: Reply({"detail": "no"}, 401)}, talk)
    assert isinstance(found, Refused)
    assert desk.asked[0].headers["authorization"] == "Key schlsselx:y"
