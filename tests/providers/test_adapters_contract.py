"""What holds for every provider, tried through a sandbox of its protocol: an intent is charged at most once,
and every outcome is told for what it is."""

import asyncio
import logging
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from uuid import uuid4

import pytest

from providers import runware
from providers.base import (
    Accepted,
    Blame,
    CancelOutcome,
    Hint,
    HookKeys,
    JobRef,
    KeyReport,
    NotFound,
    NotReached,
    Progress,
    Provider,
    Refused,
    Stage,
    Unclear,
)
from providers.fal import Fal
from providers.http import Downloaded, Exits
from providers.registry import result_hosts
from providers.replies import picture_type
from sandbox.fal.access import user_id
from tests.providers.cases import Case, an_order, carried_out, ended, job, lost, posting, until_found


def test_an_order_is_accepted_and_brings_its_pictures_at_the_price_that_is_charged(case, tmp_path):
    sent = posting(case, an_order())

    async def talk(asking: Provider) -> tuple[Progress, Downloaded]:
        accepted = await asking.submit(sent)
        assert isinstance(accepted, Accepted)
        done = await ended(asking, job(sent, accepted))
        exits = Exits(loopback=True)
        url, hosts = done.pictures[0].url, result_hosts(case.account())
        got = await exits.download(url, tmp_path / "picture", hosts, 50_000_000)
        await exits.close()
        assert isinstance(got, Downloaded)
        return done, got

    done, got = case.talk(talk)
    assert [picture.index for picture in done.pictures] == [0, 1, 2]
    assert len({picture.url for picture in done.pictures}) == 3
    assert done.refused is None
    assert picture_type(got.head) == "image/png"
    [line] = case.charges()
    assert done.cost_usd == Decimal(line["charged"]) / 1_000_000 == Decimal("0.084")


def test_a_picture_of_4k_costs_twice_as_much(case):
    sent = posting(case, an_order(1, resolution="4K", width=5440, height=3072))
    done = carried_out(case, sent, 1)
    assert done.cost_usd == Decimal("0.056")


def test_a_job_is_seen_to_wait_or_run_before_it_ends(case):
    case.fault("job-hangs")
    sent = posting(case, an_order())

    async def talk(asking: Provider) -> set[Stage]:
        accepted = await asking.submit(sent)
        assert isinstance(accepted, Accepted)
        found = [await asking.poll([job(sent, accepted)]) for _ in range(3)]
        return {progress.stage for one in found for progress in one.values()}

    assert case.talk(talk) <= {Stage.WAITING, Stage.RUNNING}


@pytest.mark.parametrize(
    ("kind", "blame"),
    [
        ("key", Blame.ACCOUNT),
        ("locked", Blame.ACCOUNT),
        ("money", Blame.MONEY),
        ("rate", Blame.RATE),
        ("concurrency", Blame.RATE),
        ("input", Blame.ORDER),
        ("safety", Blame.POLICY),
    ],
)
def test_a_refusal_is_definite_and_says_whose_matter_it_is(case, kind, blame):
    case.fault("error", kind=kind, when="before")
    found = case.talk(lambda asking: asking.submit(posting(case, an_order())))
    assert isinstance(found, Refused)
    assert found.blame is blame
    assert "charged" in found.sentence
    assert not case.charges()


def test_an_own_fault_of_the_provider_is_no_refusal(case):
    case.fault("error", kind="server", when="before")
    assert isinstance(case.talk(lambda asking: asking.submit(posting(case, an_order()))), Unclear)


@pytest.mark.parametrize(
    "fault",
    [
        {"do": "close"},
        {"do": "reset"},
        {"do": "garbage"},
        {"do": "half-header"},
        {"do": "truncate"},
        {"do": "hang", "seconds": 0.1},
        {"do": "answer", "status": 502, "body": "html"},
        {"do": "answer", "status": 200, "body": ""},
        {"do": "answer", "status": 200, "body": "html"},
        {"do": "redirect", "body": "http://169.254.169.254/"},
        {"do": "content", "kind": "cut"},
    ],
    ids=lambda fault: f"{fault['do']}-{fault.get('status', '')}{fault.get('body', '')[:4]}",
)
def test_an_order_whose_answer_got_lost_is_found_again_and_charged_once(case, fault):
    case.fault(when="after", **fault)
    sent = posting(case, an_order())

    async def talk(asking: Provider) -> Progress:
        assert isinstance(await asking.submit(sent), Unclear)
        found = await until_found(asking, lost(sent))
        done = await ended(asking, job(sent, found))
        again = await asking.find(lost(sent, frozenset({found.remote_id})))
        assert not isinstance(again, Accepted) or again.remote_id == found.remote_id
        return done

    assert case.talk(talk).stage is Stage.DONE
    assert len(case.charges()) == 1


def test_what_was_never_accepted_is_not_found_and_not_charged(case):
    case.fault("close", when="before")
    sent = posting(case, an_order())

    async def talk(asking: Provider) -> object:
        assert isinstance(await asking.submit(sent), Unclear)
        return await asking.find(lost(sent))

    found = case.talk(talk)
    assert isinstance(found, NotFound)
    assert not found.proof
    assert not case.charges()


def test_the_same_attempt_again_is_one_order_where_ids_are_ours(case):
    """fal knows no ids of ours: there a second sending is a second charge, which is why none is ever made."""
    sent = posting(case, an_order())

    async def talk(asking: Provider) -> JobRef:
        first = await asking.submit(sent)
        assert isinstance(first, Accepted)
        again = await asking.submit(sent)
        if case.route == "fal":
            assert isinstance(again, Accepted)
            assert again != first
            await ended(asking, job(sent, again))
            await ended(asking, job(sent, first))
            return job(sent, first)
        found = again if isinstance(again, Accepted) else await until_found(asking, lost(sent))
        assert found == first
        await ended(asking, job(sent, first))
        return job(sent, first)

    case.talk(talk)
    assert len(case.charges()) == (2 if case.route == "fal" else 1)


def test_nobody_listening_is_not_reached(case):
    away = replace(case, base="http://127.0.0.1:9")
    assert isinstance(away.talk(lambda asking: asking.submit(posting(case, an_order()))), NotReached)


def test_fewer_pictures_than_ordered_end_a_job_all_the_same(case, monkeypatch):
    monkeypatch.setattr(runware, "QUIET_SECONDS", 0.05)
    case.fault("fewer", number=1)
    done = carried_out(case, posting(case, an_order()))
    assert done.stage is Stage.DONE
    assert [picture.index for picture in done.pictures] == [0, 1]


def test_a_refusal_after_acceptance_fails_the_job(case):
    case.fault("moderation")
    failed = carried_out(case, posting(case, an_order()))
    assert failed.stage is Stage.FAILED
    assert failed.refused is not None
    assert failed.refused.blame is Blame.POLICY
    assert not failed.pictures


@pytest.mark.parametrize("kind", ["server", "provider", "timeout"])
def test_a_fault_of_the_provider_fails_the_job(case, kind):
    case.fault("job-fails", kind=kind)
    failed = carried_out(case, posting(case, an_order()))
    assert failed.stage is Stage.FAILED
    assert failed.refused is not None
    assert failed.refused.blame is Blame.PROVIDER


@pytest.mark.parametrize("do", ["close", "garbage", "truncate", "answer"])
def test_a_question_that_goes_wrong_ends_no_job(case, do):
    sent = posting(case, an_order())
    rule = {"status": 502, "body": "html"} if do == "answer" else {}

    async def talk(asking: Provider) -> Progress:
        accepted = await asking.submit(sent)
        assert isinstance(accepted, Accepted)
        case.fault(do, operation="*", times=3, **rule)
        return await ended(asking, job(sent, accepted))

    assert case.talk(talk).stage is Stage.DONE


def test_a_job_that_the_provider_does_not_know_is_missing(case):
    strange = JobRef(str(uuid4()), posting(case, an_order()).endpoint, "")
    found = case.talk(lambda asking: asking.poll([strange]))
    assert found == {strange: Progress(Stage.MISSING)}


def test_a_job_is_cancelled_where_that_is_possible(case):
    case.fault("job-hangs")
    sent = posting(case, an_order())

    async def talk(asking: Provider) -> object:
        accepted = await asking.submit(sent)
        assert isinstance(accepted, Accepted)
        return await asking.cancel(job(sent, accepted))

    outcome = case.talk(talk)
    assert outcome is (CancelOutcome.ASKED if case.route == "fal" else CancelOutcome.IMPOSSIBLE)


def test_a_job_that_has_ended_is_not_cancelled(case):
    sent = posting(case, an_order())

    async def talk(asking: Provider) -> object:
        accepted = await asking.submit(sent)
        assert isinstance(accepted, Accepted)
        await ended(asking, job(sent, accepted))
        return await asking.cancel(job(sent, accepted))

    assert case.talk(talk) in (CancelOutcome.TOO_LATE, CancelOutcome.IMPOSSIBLE)


def test_a_wrong_key_is_told_by_every_question(case):
    sent = posting(case, an_order())

    async def talk(asking: Provider) -> None:
        refused = await asking.submit(sent)
        assert isinstance(refused, Refused)
        assert refused.blame is Blame.ACCOUNT
        report = await asking.check_key()
        assert isinstance(report, KeyReport)
        assert not report.works
        assert await asking.poll([JobRef("r-1", sent.endpoint, "")]) == {}
        assert isinstance(await asking.find(lost(sent)), Unclear)

    case.talk(talk, secret="a-wrong:key-of-more-than-thirty-two-bytes")
    assert not case.charges()


def test_neither_a_key_nor_a_prompt_stands_in_a_log(case, caplog):
    caplog.set_level(logging.DEBUG)
    case.fault("close", operation="*", when="after", nth=2)
    carried_out(case, posting(case, an_order()))
    case.talk(lambda asking: asking.check_key())
    assert caplog.records
    assert not [part for part in (case.secret, *case.secret.split(":")[1:]) if part in caplog.text]
    assert "A pier at dawn" not in caplog.text


def test_a_good_key_works_and_tells_its_balance(case):
    report = case.talk(lambda asking: asking.check_key())
    assert isinstance(report, KeyReport)
    assert report.works
    assert report.balance_usd == 1000


def test_many_jobs_are_asked_about_together(case):
    case.http.post(
        f"{case.base}/_/accounts",
        json={"protocol": case.route, "name": "sandbox-contract", "slots": 100},
    )

    async def talk(asking: Provider) -> list[Progress]:
        refs = []
        for _ in range(12):
            sent = posting(case, an_order(1))
            accepted = await asking.submit(sent)
            assert isinstance(accepted, Accepted)
            refs.append(job(sent, accepted, 1))
        await asyncio.gather(*(ended(asking, ref) for ref in refs))
        return list((await asking.poll(refs)).values())

    found = case.talk(talk)
    assert [progress.stage for progress in found] == [Stage.DONE] * 12
    assert len(case.charges()) == 12


def test_the_bill_agrees_with_what_was_charged_where_there_is_one(case):
    carried_out(case, posting(case, an_order()))
    now = datetime.now(UTC)
    found = case.talk(lambda asking: asking.bill(now - timedelta(hours=1), now + timedelta(hours=1)))
    if case.route == "runware":
        assert isinstance(found, Unclear)
        return
    assert not isinstance(found, Unclear)
    [line] = found
    assert line.usd == Decimal("0.084")


def test_a_webhook_says_which_job_to_look_at(case):
    heard: list[tuple[dict[str, str], bytes]] = []

    async def listening(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        lines = [line.partition(": ") for line in head.split("\r\n")[1:] if line]
        headers = {name: value for name, _, value in lines}
        length = next(value for name, value in headers.items() if name.lower() == "content-length")
        heard.append((headers, await reader.readexactly(int(length))))
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
        await writer.drain()

    async def talk(asking: Provider) -> tuple[str, list[Hint]]:
        server = await asyncio.start_server(listening, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        sent = posting(case, an_order(), hook=f"http://127.0.0.1:{port}/hooks/t0ken")
        accepted = await asking.submit(sent)
        assert isinstance(accepted, Accepted)
        await ended(asking, job(sent, accepted))
        async with asyncio.timeout(10):
            while not heard:
                await asyncio.sleep(0.02)
        keys = await hook_keys(case, asking)
        server.close()
        return accepted.remote_id, [asking.read_hook(headers, body, keys) for headers, body in heard]

    remote, hints = case.talk(talk)
    assert {hint.remote_id for hint in hints} == {remote}
    assert {hint.verified for hint in hints} == {case.route != "runware"}


async def hook_keys(case: Case, asking: Provider) -> HookKeys:
    told = await asyncio.to_thread(lambda: case.http.get(f"{case.base}/_/").json())
    if not isinstance(asking, Fal):
        return HookKeys(secrets=(told["kling"]["webhook_secret"],))
    public = await asking.public_keys()
    assert isinstance(public, tuple)
    return HookKeys(public_keys=public, user_id=user_id("sandbox-contract"))
