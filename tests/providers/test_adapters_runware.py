"""Runware by every family of answers that its pages and client know; answers.json holds them as they come."""

import json
from asyncio import sleep
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from providers import catalogue, runware
from providers.base import (
    Accepted,
    Account,
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
    RemoteThing,
    SentAttempt,
    Stage,
    Unclear,
)
from providers.http import Exits
from providers.runware import Runware
from tests.providers.scripted import LOST, Asked, Desk, Reply, at_desk

OURS = "3ba7ae08-76de-4f81-ab0f-64c7aaf0000f"
SECRET = "canary-runware-secret"
ANSWERS = json.loads((Path(__file__).parent / "runware" / "answers.json").read_text().replace("OURS", OURS))
ENDPOINT = catalogue.endpoint("runware-v3-text")
BODY: list[dict[str, object]] = [{"taskType": "imageInference", "taskUUID": OURS, "numberResults": 2}]
JOB = JobRef(OURS, ENDPOINT, OURS, count=2)
PATH = "POST /v1"


def provider(desk: Desk, exits: Exits) -> Runware:
    return Runware(Account(1, "runware", SECRET, {"api": f"{desk.base}/v1"}, loopback=True), exits)


def reply(recorded: dict[str, Any]) -> Reply:
    body = recorded["body"]
    return Reply(
        body.encode() if isinstance(body, str) else body, recorded["status"], recorded.get("headers", {})
    )


def named(recorded: dict[str, Any]) -> str:
    return f"{recorded['status']}-{recorded['is']}"


def submitted(answer: Reply, hook: str = ""):
    async def talk(desk, exits):
        return await provider(desk, exits).submit(Posting(ENDPOINT, BODY, OURS, hook)), desk

    return at_desk({PATH: answer}, talk)


def polled(answer: Reply) -> Progress | None:
    async def talk(desk: Desk, exits: Exits) -> Progress | None:
        return (await provider(desk, exits).poll([JOB])).get(JOB)

    return at_desk({PATH: answer}, talk)


def echoing(data: dict[str, Any]):
    """Answers a task with `data` under its own id."""

    def reply(asked: Asked) -> Reply:
        return Reply({"data": [{**data, "taskUUID": asked.json()[0]["taskUUID"]}]})

    return reply


@pytest.mark.parametrize("recorded", ANSWERS["submit"], ids=named)
def test_every_answer_to_an_order_is_read(recorded):
    found, desk = submitted(reply(recorded))
    assert len(desk.asked) == 1
    if recorded["is"] == "accepted":
        assert found == Accepted(OURS)
    elif recorded["is"] == "unclear":
        assert isinstance(found, Unclear)
    else:
        assert isinstance(found, Refused)
        assert found.blame == recorded["is"]
        assert (found.field, found.after) == (recorded.get("field", ""), recorded.get("after"))
        assert "Nothing was charged." in found.sentence


def test_an_order_is_posted_once_as_an_array_of_one():
    _, desk = submitted(Reply({"data": []}), hook="https://studio.example/hooks/t0ken")
    [asked] = desk.asked
    assert asked.json() == [{**BODY[0], "webhookURL": "https://studio.example/hooks/t0ken"}]
    assert asked.headers["authorization"] == f"Bearer {SECRET}"
    _, desk = submitted(Reply({"data": []}))
    assert desk.asked[0].json() == BODY


def test_a_lost_answer_is_unclear_and_nobody_listening_is_not_reached():
    found, desk = submitted(LOST)
    assert isinstance(found, Unclear)
    assert len(desk.asked) == 1

    async def talk(desk, exits):
        nobody = Runware(Account(1, "runware", SECRET, {"api": "http://127.0.0.1:9/v1"}), exits)
        return await nobody.submit(Posting(ENDPOINT, BODY, OURS))

    assert isinstance(at_desk({}, talk), NotReached)


@pytest.mark.parametrize("recorded", ANSWERS["poll"], ids=named)
def test_every_answer_about_a_task_is_read(recorded):
    found = polled(reply(recorded))
    if recorded["is"] == "untold":
        assert found is None
        return
    assert found is not None
    assert found.stage == recorded["is"]
    pictures = [[one.url, one.seed, one.flagged] for one in found.pictures]
    assert pictures == recorded.get("pictures", [])
    assert found.cost_usd == (Decimal(recorded["cost"]) if "cost" in recorded else None)
    assert (found.refused.blame if found.refused else None) == recorded.get("blame")


def test_one_question_is_about_many_tasks():
    jobs = [JobRef(f"task-{number}", ENDPOINT, "", count=1) for number in range(120)]

    def answer(asked: Asked) -> Reply:
        tasks = [task["taskUUID"] for task in asked.json()]
        assert {task["taskType"] for task in asked.json()} == {"getResponse"}
        url = "https://im.runware.ai/x.png"
        return Reply({"data": [{"taskUUID": t, "status": "success", "imageURL": url} for t in tasks[::-1]]})

    async def talk(desk, exits):
        return await provider(desk, exits).poll(jobs), desk

    found, desk = at_desk({PATH: answer}, talk)
    assert len(desk.asked) == 3
    assert list(found) == jobs
    assert {progress.stage for progress in found.values()} == {Stage.DONE}


def test_a_task_that_stops_short_of_its_pictures_ends_when_it_stays_quiet(monkeypatch):
    monkeypatch.setattr(runware, "QUIET_SECONDS", 0.05)
    url = "https://im.runware.ai/a.png"
    short = Reply({"data": [{"taskUUID": OURS, "status": "success", "imageURL": url, "cost": 0.028}]})

    async def talk(desk, exits):
        asking = provider(desk, exits)
        first = (await asking.poll([JOB]))[JOB]
        await sleep(0.06)
        return first, (await asking.poll([JOB]))[JOB]

    first, then = at_desk({PATH: short}, talk)
    assert first == Progress(Stage.RUNNING, note="1 of 2 pictures")
    assert (then.stage, len(then.pictures), then.cost_usd) == (Stage.DONE, 1, Decimal("0.028"))


def looked_for(answer: Reply):
    sent = SentAttempt(OURS, ENDPOINT, BODY, datetime.now(UTC))

    async def talk(desk, exits):
        return await provider(desk, exits).find(sent)

    return at_desk({PATH: answer}, talk)


@pytest.mark.parametrize(
    "body",
    [
        {"data": [{"taskUUID": OURS, "status": "processing"}]},
        {"data": [{"taskUUID": OURS, "status": "success", "imageURL": "https://im.runware.ai/a.png"}]},
        {"errors": [{"taskUUID": OURS, "status": "error", "code": "inferenceError"}]},
    ],
)
def test_a_task_that_runware_knows_was_accepted(body):
    assert looked_for(Reply(body)) == Accepted(OURS)


@pytest.mark.parametrize(
    "body", [{"data": []}, {"errors": [{"taskUUID": OURS, "code": "taskFailedOrNotFound", "message": "x"}]}]
)
def test_a_task_that_runware_does_not_list_may_exist_all_the_same(body):
    found = looked_for(Reply(body))
    assert isinstance(found, NotFound)
    assert not found.proof


@pytest.mark.parametrize(
    "answer",
    [
        LOST,
        Reply(b"<html>", 502),
        Reply({"errors": [{"code": "invalidApiKey"}]}, 401),
        Reply({"errors": [{"code": "invalidTaskUUID", "taskUUID": OURS}]}, 400),
        Reply({"errors": [{"code": "rateLimitExceeded", "taskUUID": OURS}]}, 429),
    ],
)
def test_a_question_that_is_not_answered_settles_nothing(answer):
    assert isinstance(looked_for(answer), Unclear)


def test_nothing_can_be_cancelled():
    async def talk(desk, exits):
        return await provider(desk, exits).cancel(JOB), desk

    found, desk = at_desk({}, talk)
    assert found is CancelOutcome.IMPOSSIBLE
    assert not desk.asked


def checked(answer):
    async def talk(desk, exits):
        return await provider(desk, exits).check_key()

    return at_desk({PATH: answer}, talk)


@pytest.mark.parametrize("balance", [12.5, {"amount": 12.5, "currency": "USD"}, "12.5"])
def test_the_balance_comes_as_a_number_or_in_an_object(balance):
    assert checked(echoing({"balance": balance})) == KeyReport(True, "The key works.", Decimal("12.5"))


def test_a_key_that_does_not_work_is_told_from_a_question_without_an_answer():
    report = checked(Reply({"errors": [{"code": "invalidApiKey", "message": f"No {SECRET}"}]}, 401))
    assert isinstance(report, KeyReport)
    assert not report.works
    assert SECRET not in report.sentence
    assert isinstance(checked(LOST), Unclear)
    assert isinstance(checked(Reply(b"", 503)), Unclear)
    assert isinstance(checked(Reply({"errors": [{"code": "rateLimitExceeded"}]}, 429)), Unclear)


def test_an_input_is_uploaded_and_deleted_by_its_own_id(tmp_path):
    photo = tmp_path / "photo"
    photo.write_bytes(b"\x89PNG\r\n\x1a\nxyz")

    async def talk(desk, exits):
        asking = provider(desk, exits)
        prepared = await asking.prepare(Need(file=photo))
        assert isinstance(prepared, Prepared)
        return prepared, await asking.forget(RemoteThing(prepared.remote, is_element=False)), desk

    prepared, forgotten, desk = at_desk({PATH: echoing({"mediaUUID": "media-1"})}, talk)
    assert prepared.remote == "media-1"
    assert prepared.expires_at is not None
    assert prepared.expires_at < datetime.now(UTC) + timedelta(days=30)
    assert forgotten
    [upload], [delete] = (asked.json() for asked in desk.asked)
    assert upload["operation"] == "upload"
    assert upload["media"].startswith("data:image/png;base64,iVBORw0KGgp4eXo")
    assert (delete["operation"], delete["mediaUUID"]) == ("delete", "media-1")


def test_an_input_that_is_refused_says_why(tmp_path):
    photo = tmp_path / "photo"
    photo.write_bytes(b"x")

    async def talk(desk, exits):
        return await provider(desk, exits).prepare(Need(file=photo))

    error = {"code": "invalidImage", "message": "Not an image", "parameter": "media"}
    found = at_desk({PATH: Reply({"errors": [error]}, 400)}, talk)
    assert isinstance(found, Refused)
    assert found.field == "reference"
    assert isinstance(at_desk({PATH: Reply({"data": []})}, talk), Unclear)
