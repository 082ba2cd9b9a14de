"""Kling by its table of codes and every shape of a task; answers.json holds them as they come."""

import base64
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import jwt
import pytest

from providers import catalogue, kling
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
from providers.http import Exits
from providers.kling import Kling
from tests.providers.scripted import LOST, Asked, Desk, Reply, Script, at_desk

OURS = "3ba7ae08-76de-4f81-ab0f-64c7aaf0000f"
SECRET = "canary-kling-api-key"
PAIR = "canary-access:canary-secret-of-thirty-two-bytes"
ANSWERS = json.loads((Path(__file__).parent / "kling" / "answers.json").read_text().replace("OURS", OURS))
ENDPOINT = catalogue.endpoint("kling-o3-text")
BODY: dict[str, object] = {"model_name": "kling-v3-omni", "prompt": "A pier", "external_task_id": OURS}
CREATE = "/v1/images/omni-image"
JOB = JobRef("t-1", ENDPOINT, OURS, count=3)
JPEG = b"\xff\xd8\xff" + b"x" * 100
NOT_FOUND = Reply({"code": 1201, "message": f"Task not found by id/external id: {OURS}"}, 400)


def provider(desk: Desk, exits: Exits, secret: str = SECRET) -> Kling:
    return Kling(Account(1, "kling", secret, {"api": desk.base}, loopback=True), exits)


def granted(data: object) -> Reply:
    return Reply({"code": 0, "message": "SUCCEED", "request_id": "q-1", "data": data})


def reply(recorded: dict[str, Any]) -> Reply:
    body = recorded["body"]
    return Reply(
        body.encode() if isinstance(body, str) else body, recorded["status"], recorded.get("headers", {})
    )


def named(recorded: dict[str, Any]) -> str:
    code = recorded["body"].get("code", "") if isinstance(recorded["body"], dict) else ""
    return f"{recorded['status']}-{code}-{recorded['is']}"


def submitted(answer: Reply, hook: str = "", secret: str = SECRET, body: Any = BODY):
    async def talk(desk, exits):
        return await provider(desk, exits, secret).submit(Posting(ENDPOINT, body, OURS, hook)), desk

    return at_desk({f"POST {CREATE}": answer}, talk)


def polled(script: Script, *jobs: JobRef, secret: str = SECRET):
    async def talk(desk, exits):
        return await provider(desk, exits, secret).poll(jobs or [JOB]), desk

    return at_desk(script, talk)


@pytest.mark.parametrize("recorded", ANSWERS["submit"], ids=named)
def test_every_answer_to_an_order_is_read(recorded):
    found, desk = submitted(reply(recorded))
    assert len(desk.asked) == 1
    if recorded["is"] == "accepted":
        assert found == Accepted("861234567890123456")
    elif recorded["is"] == "unclear":
        assert isinstance(found, Unclear)
    else:
        assert isinstance(found, Refused)
        assert found.blame == recorded["is"]
        assert (found.field, found.after) == (recorded.get("field", ""), recorded.get("after"))
        assert "Nothing was charged." in found.sentence


def test_an_order_is_posted_once_to_the_path_of_its_endpoint():
    _, desk = submitted(LOST, hook="https://studio.example/hooks/t0ken")
    [asked] = desk.asked
    assert asked.json() == {**BODY, "callback_url": "https://studio.example/hooks/t0ken"}
    assert asked.headers["authorization"] == f"Bearer {SECRET}"


def test_a_lost_answer_is_unclear_and_nobody_listening_is_not_reached():
    found, desk = submitted(LOST)
    assert isinstance(found, Unclear)
    assert len(desk.asked) == 1

    async def talk(desk, exits):
        nobody = Kling(Account(1, "kling", SECRET, {"api": "http://127.0.0.1:9"}), exits)
        return await nobody.submit(Posting(ENDPOINT, BODY, OURS))

    assert isinstance(at_desk({}, talk), NotReached)


def test_an_order_that_is_too_large_is_not_sent():
    found, desk = submitted(LOST, body={**BODY, "image": "x" * (kling.BODY_LIMIT + 1)})
    assert isinstance(found, Refused)
    assert "Nothing was sent." in found.sentence
    assert not desk.asked


def test_a_secret_key_signs_tokens_of_half_an_hour_and_is_never_sent():
    _, desk = submitted(LOST, secret=PAIR)
    token = desk.asked[0].headers["authorization"].removeprefix("Bearer ")
    claims = jwt.decode(token, PAIR.partition(":")[2], algorithms=["HS256"])
    now = datetime.now(UTC).timestamp()
    assert jwt.get_unverified_header(token) == {"alg": "HS256", "typ": "JWT"}
    assert claims["iss"] == "canary-access"
    assert 1790 < claims["exp"] - now <= 1800
    assert -10 < claims["nbf"] - now <= -5


@pytest.mark.parametrize("code", [1003, 1004])
def test_a_stale_token_is_made_anew_once_for_reads_and_never_for_orders(code):
    stale = Reply({"code": code, "message": "token", "request_id": "q-1"}, 401)
    done = granted({"task_id": "t-1", "task_status": "processing"})
    found, desk = polled({f"GET {CREATE}/t-1": [stale, done]}, secret=PAIR)
    assert found[JOB].stage is Stage.RUNNING
    assert len(desk.asked) == 2
    found, desk = polled({f"GET {CREATE}/t-1": stale}, secret=PAIR)
    assert found == {}
    assert len(desk.asked) == 2
    found, desk = polled({f"GET {CREATE}/t-1": stale}, secret=SECRET)
    assert len(desk.asked) == 1
    found, desk = submitted(stale, secret=PAIR)
    assert isinstance(found, Refused)
    assert found.blame is Blame.ACCOUNT
    assert len(desk.asked) == 1


@pytest.mark.parametrize(
    "secret", ["", "only:", ":only", "schlüssel", "a:-----BEGIN-PRIVATE-KEY-----of-thirty-two-bytes"]
)
def test_a_key_that_cannot_work_is_refused_and_breaks_nothing(secret):
    found, _ = submitted(Reply({"code": 1002, "message": "Authorization is invalid"}, 401), secret=secret)
    assert isinstance(found, Refused)


@pytest.mark.parametrize("recorded", ANSWERS["poll"], ids=named)
def test_every_answer_about_a_task_is_read(recorded):
    found, _ = polled({f"GET {CREATE}/t-1": reply(recorded)})
    if recorded["is"] == "untold":
        assert found == {}
        return
    progress = found[JOB]
    assert progress.stage == recorded["is"]
    assert [one.url for one in progress.pictures] == [
        f"https://a.klingai.com/{name}" for name in recorded.get("urls", [])
    ]
    assert progress.cost_usd == (Decimal(recorded["cost"]) if "cost" in recorded else None)
    assert progress.note == recorded.get("note", "")
    assert (progress.refused.blame if progress.refused else None) == recorded.get("blame")


def test_results_expire_thirty_days_after_they_were_made():
    [recorded] = [one for one in ANSWERS["poll"] if one.get("urls") == ["0", "1", "2"]]
    found, _ = polled({f"GET {CREATE}/t-1": reply(recorded)})
    assert found[JOB].pictures[0].expires_at == datetime.fromtimestamp(1795000000, UTC) + timedelta(days=29)


JOBS = [replace(JOB, remote_id=f"t-{number}") for number in range(1, 25)]


def listing(asked: Asked) -> Reply:
    names = asked.query["task_ids"].split(",")
    ended = {"id": "t-1", "status": "succeeded", "outputs": [{"type": "image", "url": "https://x"}]}
    running = [{"id": name, "status": "processing"} for name in names if name not in ("t-1", "t-2")]
    return granted([ended, *running] if "t-1" in names else running)


def test_many_tasks_are_asked_about_in_a_list_and_what_ended_by_itself():
    image = {"index": 0, "url": "https://a.klingai.com/0"}
    one = granted({"task_id": "t-1", "task_status": "succeed", "task_result": {"images": [image]}})
    script: Script = {"GET /tasks": listing, f"GET {CREATE}/t-1": one, f"GET {CREATE}/t-2": NOT_FOUND}
    found, desk = polled(script, *JOBS)
    assert len(found) == 24
    assert found[JOBS[0]].stage is Stage.DONE
    assert found[JOBS[1]].stage is Stage.MISSING
    assert {found[job] for job in JOBS[2:]} == {Progress(Stage.RUNNING)}
    assert len(desk.asked) == 4


def test_signed_tokens_ask_for_every_task_by_itself():
    script = {f"GET {CREATE}/{job.remote_id}": granted({"task_id": "x"}) for job in JOBS}
    found, desk = polled(script, *JOBS, secret=PAIR)
    assert len(found) == 24
    assert not desk.of("GET", "/tasks")


def looked_for(script: Script, looks: int = 1, age: timedelta = timedelta(minutes=10)):
    sent = SentAttempt(OURS, ENDPOINT, BODY, datetime.now(UTC) - age)

    async def talk(desk, exits):
        asking = provider(desk, exits)
        return [await asking.find(sent) for _ in range(looks)][-1]

    return at_desk(script, talk)


def test_a_lost_order_is_found_by_our_own_id():
    assert looked_for({f"GET {CREATE}/{OURS}": granted({"task_id": "t-9"})}) == Accepted("t-9")


def test_an_order_that_is_not_seen_at_once_may_still_turn_up():
    found = looked_for({f"GET {CREATE}/{OURS}": NOT_FOUND, f"GET {CREATE}": granted([])})
    assert found == NotFound(proof=False, reason="Kling does not see it yet")


def test_two_looks_in_vain_and_a_list_without_it_prove_that_there_is_none(monkeypatch):
    monkeypatch.setattr(kling, "_APART", 0.0)
    listed = [{"task_id": "t-8", "task_info": {"external_task_id": "another"}}, {}, None]
    script: Script = {f"GET {CREATE}/{OURS}": NOT_FOUND, f"GET {CREATE}": granted(listed)}
    found = looked_for(script, looks=2)
    assert isinstance(found, NotFound)
    assert found.proof
    too_soon = looked_for(script, looks=2, age=timedelta(seconds=100))
    assert isinstance(too_soon, NotFound)
    assert not too_soon.proof


def test_a_list_that_has_it_counts_and_one_that_does_not_end_proves_nothing(monkeypatch):
    monkeypatch.setattr(kling, "_APART", 0.0)
    ours = {"task_id": "t-9", "task_info": {"external_task_id": OURS}}
    lookup = f"GET {CREATE}/{OURS}"
    assert looked_for({lookup: NOT_FOUND, f"GET {CREATE}": granted([ours])}) == Accepted("t-9")
    endless = granted([{"task_id": "t-8"}] * 500)
    found = looked_for({lookup: NOT_FOUND, f"GET {CREATE}": endless})
    assert isinstance(found, NotFound)
    assert not found.proof
    broken = looked_for({lookup: NOT_FOUND, f"GET {CREATE}": Reply(b"<html>", 502)})
    assert isinstance(broken, Unclear)


@pytest.mark.parametrize(
    "answer", [LOST, Reply(b"", 502), Reply({"code": 1002}, 401), Reply({"code": 5000}, 500)]
)
def test_a_question_that_is_not_answered_settles_nothing(answer):
    assert isinstance(looked_for({f"GET {CREATE}/{OURS}": answer}), Unclear)


def test_nothing_can_be_cancelled():
    async def talk(desk, exits):
        return await provider(desk, exits).cancel(JOB), desk

    found, desk = at_desk({}, talk)
    assert found is CancelOutcome.IMPOSSIBLE
    assert not desk.asked


def checked(answer: Reply, costs: Reply = LOST):
    def any_task(asked: Asked) -> Reply:
        return answer

    class Anywhere(dict[str, Any]):
        def get(self, name: str, default: Any = None) -> Any:
            return costs if name == "GET /account/costs" else any_task

    async def talk(desk, exits):
        return await provider(desk, exits).check_key()

    return at_desk(Anywhere(), talk)


def test_only_a_good_key_is_told_that_a_task_does_not_exist():
    packs = [
        {"resource_pack_name": "Image-API-9Con-1Month", "remaining_quantity": 990.0, "status": "online"},
        {"resource_pack_name": "Image-API-9Con-1Month", "remaining_quantity": 500.0, "status": "expired"},
        {"resource_pack_name": "Video-API-5Con-1Month", "remaining_quantity": 70.0, "status": "online"},
    ]
    costs = granted({"code": 0, "msg": "SUCCEED", "resource_pack_subscribe_infos": packs})
    assert checked(NOT_FOUND) == KeyReport(True, "The key works.")
    report = checked(NOT_FOUND, costs)
    assert isinstance(report, KeyReport)
    assert (report.works, report.balance_usd) == (True, Decimal("3.46"))
    assert "990" in report.sentence
    for code in (1000, 1001, 1002, 1003, 1004, 1100, 1101, 1304):
        report = checked(Reply({"code": code, "message": SECRET}, 401))
        assert isinstance(report, KeyReport)
        assert not report.works
        assert SECRET not in report.sentence
    for answer in (LOST, Reply(b"", 503), Reply({"code": 5001}, 503), Reply({"code": 1302}, 429)):
        assert isinstance(checked(answer), Unclear)


def test_a_picture_stands_in_the_order_as_raw_base64(tmp_path):
    (tmp_path / "good").write_bytes(JPEG)
    (tmp_path / "webp").write_bytes(b"RIFF1234WEBPVP8 ")
    (tmp_path / "large").write_bytes(JPEG + b"x" * kling.PICTURE_LIMIT)

    async def talk(desk, exits):
        asking = provider(desk, exits)
        names = ("good", "webp", "large")
        return [await asking.prepare(Need(file=tmp_path / name)) for name in names], desk

    (good, webp, large), desk = at_desk({}, talk)
    assert good == Prepared(base64.b64encode(JPEG).decode())
    assert isinstance(webp, Refused)
    assert isinstance(large, Refused)
    assert not desk.asked


def test_the_bill_is_what_was_taken_from_packs_of_units():
    at = datetime(2026, 11, 20, 12, tzinfo=UTC)
    row = {"task_id": "t-1", "deduction_amount": "16", "deduction_time": int(at.timestamp() * 1000)}
    pages = [
        granted({"result": [row, {}, None], "has_more": True, "next_cursor": "2"}),
        granted({"result": [{**row, "task_id": "t-2"}], "has_more": False, "next_cursor": ""}),
    ]

    async def talk(desk, exits):
        return await provider(desk, exits).bill(at - timedelta(days=1), at + timedelta(days=1)), desk

    lines, desk = at_desk({"POST /account/billing/package": pages}, talk)
    assert lines == [BillLine("t-1", Decimal("0.056"), at), BillLine("t-2", Decimal("0.056"), at)]
    first, second = (asked.json() for asked in desk.asked)
    assert first["filters"] == [{"key": "product_type", "values": ["image"]}]
    assert second["cursor"] == "2"
