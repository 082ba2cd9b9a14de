"""Faults on the wire, seen from the client's side, and whether the order exists afterwards."""

import socket
from time import monotonic

import httpx
import pytest

from tests.sandbox.conftest import T2I, Sandbox, inference

LOST = (httpx.RemoteProtocolError, httpx.ReadError, httpx.ReadTimeout)


@pytest.fixture(params=["fal", "runware", "kling"])
def submit(request: pytest.FixtureRequest, box: Sandbox):
    """Submit one order to each vendor in turn, on a connection of its own."""

    def fal(client: httpx.Client) -> httpx.Response:
        headers = {"Authorization": "Key sandbox-fal:secret"}
        return client.post(f"{box.base}/fal/queue/{T2I}", json={"prompt": "x"}, headers=headers)

    def runware(client: httpx.Client) -> httpx.Response:
        headers = {"Authorization": "Bearer sandbox-runware"}
        return client.post(f"{box.base}/runware/v1", json=[inference()], headers=headers)

    def kling(client: httpx.Client) -> httpx.Response:
        headers = {"Authorization": "Bearer sandbox-kling"}
        body = {"model_name": "kling-v3-omni", "prompt": "x", "aspect_ratio": "1:1"}
        return client.post(f"{box.base}/kling/v1/images/omni-image", json=body, headers=headers)

    def send(timeout: float = 5.0) -> httpx.Response:
        with httpx.Client(trust_env=False, verify=False, timeout=timeout) as client:
            return {"fal": fal, "runware": runware, "kling": kling}[request.param](client)

    send.protocol = request.param  # type: ignore[attr-defined]
    return send


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("do", ["close", "reset", "garbage", "half-header", "truncate"])
def test_a_lost_answer_leaves_an_order_only_when_it_was_taken(box: Sandbox, submit, do: str, when: str):
    box.fault(do=do, when=when, operation="submit")
    with pytest.raises(LOST):
        submit()
    assert len(box.bill()) == (when == "after")
    assert submit().status_code == 200  # the rule has struck
    (lost, found) = box.control("requests?operation=submit")["requests"]
    assert (lost["faults"], lost["protocol"]) == ([do], submit.protocol)
    assert (found["status"], found["faults"]) == (200, [])
    if submit.protocol != "runware":  # whose bodies differ by their id
        assert lost["body_sha256"] == found["body_sha256"]
        assert (lost["attempt"], found["attempt"]) == (1, 2)


def test_a_reset_is_a_reset_and_not_an_end(box: Sandbox):
    box.fault(do="reset", operation="status")
    host, port = box.base.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port))) as connection:
        path = "/fal/queue/fal-ai/kling-image/requests/x/status"
        connection.sendall(f"GET {path} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        with pytest.raises(ConnectionResetError):
            connection.recv(100)


@pytest.mark.parametrize("when", ["before", "after"])
def test_an_answer_may_never_come(box: Sandbox, submit, when: str):
    box.fault(do="hang", when=when, seconds=1)
    with pytest.raises(httpx.ReadTimeout):
        submit(timeout=0.3)
    assert len(box.bill()) == (when == "after")


def test_an_answer_may_come_late_or_byte_by_byte(box: Sandbox, submit):
    box.fault(do="slow", seconds=0.3)
    started = monotonic()
    assert submit().status_code == 200
    assert monotonic() - started >= 0.3
    box.fault(do="drip", when="after", seconds=0.002)
    started = monotonic()
    assert submit().json()
    assert monotonic() - started >= 0.1


@pytest.mark.parametrize("when", ["before", "after"])
def test_gateways_answer_with_pages_of_their_own(box: Sandbox, submit, when: str):
    box.fault(do="answer", status=502, body="html", when=when)
    answer = submit()
    assert (answer.status_code, answer.headers["content-type"]) == (502, "text/html")
    assert "nginx" in answer.text
    assert len(box.bill()) == (when == "after")


@pytest.mark.parametrize("waits", ["7", "Wed, 21 Oct 2026 07:28:00 GMT", "1000000000", None])
def test_refusals_for_haste_say_how_long_to_wait_or_do_not(box: Sandbox, submit, waits: str | None):
    box.fault(do="error", kind="rate", headers={"Retry-After": waits} if waits else {})
    answer = submit()
    assert answer.status_code == 429
    assert answer.headers.get("retry-after") == waits
    assert answer.headers["content-type"] == "application/json"
    assert box.bill() == []


@pytest.mark.parametrize(
    ("kind", "statuses"),
    [
        ("key", (401, 401, 401)),
        ("locked", (403, 403, 429)),
        ("money", (403, 402, 429)),
        ("concurrency", (429, 429, 429)),
        ("server", (500, 500, 500)),
        ("safety", (422, 400, 400)),
        ("input", (422, 400, 400)),
    ],
)
def test_each_vendor_refuses_in_its_own_words(box: Sandbox, submit, kind: str, statuses: tuple[int, ...]):
    box.fault(do="error", kind=kind)
    answer = submit()
    assert (
        answer.status_code == dict(zip(("fal", "runware", "kling"), statuses, strict=True))[submit.protocol]
    )
    assert {"fal": "detail", "runware": "errors", "kling": "code"}[submit.protocol] in answer.json()


def test_kling_knows_every_code_of_its_table(box: Sandbox):
    for code in (1000, 1003, 1004, 1101, 1103, 1200, 1203, 1300, 1304, 5001, 5002):
        box.fault(do="error", kind=str(code), protocol="kling")
        assert box.kling_create().json()["code"] == code


def test_an_answer_may_be_another_than_was_promised(box: Sandbox, submit):
    box.fault(do="content-type", body="text/plain", when="after")
    assert submit().headers["content-type"] == "text/plain"
    box.fault(do="redirect", body="http://169.254.169.254/latest")
    assert submit().headers["location"] == "http://169.254.169.254/latest"
    for kind in ("empty", "html", "json"):
        box.fault(do="content", kind=kind, when="after")
        answer = submit()
        assert answer.status_code == 200
        assert "request_id" not in answer.text
    assert len(box.bill()) == 4
