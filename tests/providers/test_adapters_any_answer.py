"""Whatever a provider answers, nothing breaks, and what cannot be read is never taken for an outcome."""

import asyncio
import io
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from providers import catalogue, kling_elements
from providers.base import (
    Accepted,
    Account,
    BadHookError,
    CancelOutcome,
    ElementFile,
    Hint,
    HookKeys,
    JobRef,
    KeyReport,
    Need,
    NotFound,
    NotReached,
    Posting,
    Prepared,
    Progress,
    Provider,
    Refused,
    RemoteThing,
    SentAttempt,
    Unclear,
)
from providers.fal import Fal
from providers.http import Exits, parsed
from providers.registry import provider
from tests.examples import examples
from tests.providers.scripted import Desk, Reply, open_desk

ROUTES = ("fal", "runware", "kling")
OURS = "3ba7ae08-76de-4f81-ab0f-64c7aaf0000f"
SECRET = "canary-key:canary-secret-of-thirty-two-bytes"
NAMES = """
request_id detail status status_url response_url cancel_url queue_position images url error
error_type loc msg type items next_cursor json_input sent_at credits current_balance currency
billing_events cost_total timestamp upload_url file_url keys kty crv x data errors taskUUID
imageUUID imageURL seed NSFWContent cost code message parameter balance mediaUUID task_id
task_status task_status_msg task_info external_task_id final_unit_deduction final_balance_deduction
quota updated_at task_result series_images result_type index elements element_id result has_more
deduction_amount deduction_time resource_pack_subscribe_infos resource_pack_name remaining_quantity
id user_id
""".split()  # noqa: SIM905 - a list of a hundred lines says no more
WORDS = """
IN_QUEUE IN_PROGRESS COMPLETED NOT_FOUND ALREADY_COMPLETED submitted processing succeed succeeded
failed success error deleted series online image-pack OKP Ed25519 conflictTaskUUID
contentPolicyViolation invalidApiKey USD timeoutProvider content_policy_violation
https://v3.fal.media/files/x.png https://[ http://127.0.0.1:99999/ https://a..fal.media/
2026-11-20T12:00:00Z 0001-01-01T00:00:00+23:59 NaN 1e400 -1 0.028
""".split()  # noqa: SIM905
TEXTS = st.one_of(st.sampled_from([*WORDS, OURS, SECRET, f"<b>{SECRET}</b>", "\x00\ud800", ""]), st.text())
LEAVES = st.one_of(
    st.none(),
    st.booleans(),
    st.sampled_from([0, 1, 1201, 1102, 5000, -1, 2**63, 10**400, 1795000000000]),
    st.integers(),
    st.floats(),
    TEXTS,
)
VALUES = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4), st.dictionaries(st.sampled_from(NAMES), inner, max_size=6)
    ),
    max_leaves=25,
)
OBJECTS = st.dictionaries(st.sampled_from(NAMES), VALUES, max_size=8)
TASKS = st.lists(OBJECTS.map(lambda one: {"taskUUID": OURS, **one}), max_size=3)
SHAPED = st.one_of(  # what real answers look like, with anything inside
    st.fixed_dictionaries({"code": LEAVES, "message": TEXTS, "data": st.one_of(OBJECTS, VALUES)}),
    st.fixed_dictionaries({}, optional={"data": TASKS, "errors": TASKS}),
    st.fixed_dictionaries({"status": TEXTS, "request_id": LEAVES, "images": st.lists(OBJECTS, max_size=3)}),
    st.fixed_dictionaries({"detail": st.one_of(TEXTS, st.lists(OBJECTS, max_size=3)), "error_type": TEXTS}),
)
JSON = st.one_of(SHAPED, SHAPED, OBJECTS, VALUES).map(lambda value: json.dumps(value).encode())
CUT = st.tuples(JSON, st.integers(1, 20)).map(lambda pair: pair[0][: -pair[1]])
BODIES = st.one_of(JSON, JSON, CUT, st.binary(max_size=60), st.just(b"[" * 100_000))
STATUSES = st.sampled_from(
    [200, 200, 200, 201, 202, 301, 400, 401, 402, 403, 404, 408, 422, 429, 499, 500, 502]
)
HEADERS = st.fixed_dictionaries(
    {},
    optional={
        "retry-after": st.sampled_from(["5", "-1", "9" * 30, "NaN", "Wed, 21 Oct 2026 07:28:00 GMT"]),
        "x-fal-billable-units": st.sampled_from(["1", "NaN", "Infinity", "-3", "1e99", ""]),
        "x-fal-error-type": st.sampled_from(["request_timeout", "internal_error"]),
    },
)
REPLIES = st.builds(Reply, BODIES, STATUSES, HEADERS)
ENDPOINTS = {route: catalogue.endpoint(f"{route}-o3-text") for route in ROUTES}
BODY = {"fal": {"prompt": "x"}, "runware": [{"taskUUID": OURS}], "kling": {"external_task_id": OURS}}


@dataclass
class Line:
    """A desk that stays open, and a way to talk to it."""

    runner: asyncio.Runner
    desk: Desk
    exits: Exits

    def provider(self, route: str) -> Provider:
        names = {"fal": ("queue", "rest", "api"), "runware": ("api",), "kling": ("api",)}[route]
        bases = {name: f"{self.desk.base}/{name}" for name in names}
        return provider(Account(1, route, SECRET, bases, loopback=True), self.exits)


class Always(dict[str, Any]):
    """A script that gives the replies in turn, whatever is asked."""

    def __init__(self, *replies: Reply) -> None:
        self.replies = list(replies)

    def get(self, name: str, default: Any = None) -> Any:
        self.replies.append(self.replies.pop(0))
        return self.replies[-1]


@pytest.fixture(scope="module")
def line() -> Iterator[Line]:
    with asyncio.Runner() as runner, pytest.MonkeyPatch.context() as patched:
        patched.setattr(kling_elements, "READY_WITHIN", 0.02)
        opening = open_desk({})
        desk = runner.run(opening.__aenter__())

        async def make() -> Exits:
            return Exits(loopback=True)

        exits = runner.run(make())
        yield Line(runner, desk, exits)
        runner.run(exits.close())
        runner.run(opening.__aexit__(None, None, None))


@pytest.fixture(scope="module")
def photo(tmp_path_factory) -> Path:
    out = io.BytesIO()
    Image.new("RGB", (8, 8)).save(out, "PNG")
    path: Path = tmp_path_factory.mktemp("photos") / "photo"
    path.write_bytes(out.getvalue())
    return path


@pytest.mark.parametrize("route", ROUTES)
@settings(max_examples=examples(60), deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(reply=REPLIES)
def test_any_answer_to_an_order_is_read(line: Line, route: str, reply: Reply):
    line.desk.script, line.desk.asked = Always(reply), []
    sent = Posting(ENDPOINTS[route], BODY[route], OURS)  # type: ignore[arg-type]
    found = line.runner.run(_submit(line, route, sent))
    assert len(line.desk.asked) == 1
    assert isinstance(found, Accepted | Refused | Unclear)
    readable = isinstance(parsed(reply.body), dict)
    if 200 <= reply.status < 300 and not readable:
        assert isinstance(found, Unclear)
    if isinstance(found, Accepted):
        assert readable
        assert found.remote_id
    if isinstance(found, Refused):
        assert "canary" not in found.sentence
        assert found.sentence.isprintable()
        assert found.after is None or 0 <= found.after <= 3600


async def _submit(line: Line, route: str, sent: Posting) -> object:
    return await line.provider(route).submit(sent)


@pytest.mark.parametrize("route", ROUTES)
@settings(max_examples=examples(40), deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(first=REPLIES, second=REPLIES)
def test_any_answer_to_a_question_is_read(line: Line, photo: Path, route: str, first: Reply, second: Reply):
    found = line.runner.run(_questions(line, route, photo, first, second))
    kinds: list[Any] = [
        Progress | None,
        Accepted | NotFound | Unclear,
        CancelOutcome | Unclear,
        KeyReport | Unclear,
        list | Unclear,
        bool,
        Prepared | Refused | NotReached | Unclear,
        Prepared | Refused | NotReached | Unclear,
        tuple | Unclear,
    ]
    for one, kind in zip(found, kinds, strict=True):
        assert isinstance(one, kind)
    progress = found[0]
    if isinstance(progress, Progress):
        assert "canary" not in progress.note
        assert progress.cost_usd is None or Decimal(0) <= progress.cost_usd < 1_000_000
        assert [one.index for one in progress.pictures] == sorted({one.index for one in progress.pictures})


async def _questions(line: Line, route: str, photo: Path, *replies: Reply) -> list[object]:
    line.desk.script = Always(*replies)
    asking, endpoint, now = line.provider(route), ENDPOINTS[route], datetime.now(UTC)
    job = JobRef(OURS, endpoint, OURS, {"status": "https://evil.test/", "cancel": "http://["}, 2)
    sent = SentAttempt(OURS, endpoint, BODY[route], now - timedelta(minutes=9))  # type: ignore[arg-type]
    mara = ElementFile("mara", "mara@3", "character", "Mara", "", photo)
    return [
        (await asking.poll([job])).get(job),
        await asking.find(sent),
        await asking.cancel(job),
        await asking.check_key(),
        await asking.bill(now, now),
        await asking.forget(RemoteThing("1", is_element=route == "kling")),
        await asking.prepare(Need(file=photo)),
        await asking.prepare(Need(element=mara, endpoint=endpoint)),
        await asking.public_keys() if isinstance(asking, Fal) else (),
    ]


@pytest.mark.parametrize("route", ROUTES)
@settings(max_examples=examples(100), deadline=None)
@given(body=BODIES, headers=st.dictionaries(st.sampled_from(["webhook-id", "webhook-signature"]), TEXTS))
def test_any_webhook_is_a_hint_or_refused(line: Line, route: str, body: bytes, headers: dict[str, str]):
    try:
        found = line.provider(route).read_hook(headers, body, HookKeys(secrets=("whsec_eHh4",)))
    except BadHookError:
        return
    assert isinstance(found, Hint)
    assert found.remote_id
    assert not found.verified
