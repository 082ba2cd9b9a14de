"""Every fault on demand, seen from the client's side, and whether the order exists afterwards."""

import gzip
import io
import socket
from time import monotonic
from uuid import uuid4

import httpx
import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from PIL import Image

from sandbox.fal import signing
from tests.sandbox.conftest import T2I, Json, Sandbox, inference, until

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


def made(box: Sandbox, **fault: object) -> str:
    """The address of a picture of an order that such a rule struck."""
    box.fault(**fault)
    submitted = box.fal_submit().json()
    box.fal_ended(submitted)
    return str(box.fal("GET", submitted["response_url"]).json()["images"][0]["url"])


def test_pictures_may_be_cut_or_something_else(box: Sandbox):
    cut = box.http.get(made(box, do="picture", kind="cut"))
    assert cut.headers["content-type"] == "image/png"
    with pytest.raises(OSError, match="truncated"):
        Image.open(io.BytesIO(cut.content)).load()
    for kind, content_type in (("html", "text/html"), ("json", "application/json"), ("svg", "image/svg+xml")):
        assert box.http.get(made(box, do="picture", kind=kind)).headers["content-type"] == content_type
    assert box.http.get(made(box, do="picture", kind="empty")).content == b""


def test_pictures_may_be_bombs(box: Sandbox):
    url = made(box, do="picture", kind="pixel-bomb")
    data = box.http.get(url).content
    assert len(data) < 200_000
    with pytest.raises(Image.DecompressionBombError):
        Image.open(io.BytesIO(data))
    with box.http.stream("GET", made(box, do="picture", kind="gzip-bomb")) as answer:
        packed = b"".join(answer.iter_raw())
    assert answer.headers["content-encoding"] == "gzip"
    assert len(packed) < 1_000_000
    with gzip.open(io.BytesIO(packed)) as unpacked:
        assert len(unpacked.read(100_000_000)) == 100_000_000


def test_pictures_may_be_longer_than_they_say_or_never_end(box: Sandbox):
    short = box.http.get(made(box, do="picture", kind="longer"))
    assert len(short.content) == int(short.headers["content-length"])
    got = 0
    with box.http.stream("GET", made(box, do="picture", kind="endless")) as answer:
        for chunk in answer.iter_raw():
            got += len(chunk)
            if got > 20_000_000:
                break
    assert got > 20_000_000


def test_a_download_may_be_cut_short_of_what_it_declares(box: Sandbox):
    submitted = box.fal_submit().json()
    box.fal_ended(submitted)
    url = box.fal("GET", submitted["response_url"]).json()["images"][0]["url"]
    box.fault(do="truncate", when="after", operation="download")
    with pytest.raises(httpx.RemoteProtocolError, match="complete"):
        box.http.get(url)
    for status in (404, 403, 410):
        box.fault(do="answer", status=status, operation="download")
        assert box.http.get(url).status_code == status
    assert box.http.get(url).status_code == 200


def test_links_may_be_dead_lead_elsewhere_or_redirect(box: Sandbox):
    assert box.http.get(made(box, do="link-expired")).status_code == 410
    assert made(box, do="link-elsewhere", body="http://10.0.0.7").startswith("http://10.0.0.7/")
    url = made(box, do="picture", kind="redirect", body="http://169.254.169.254/")
    answer = box.http.get(url)
    assert (answer.status_code, answer.headers["location"]) == (302, "http://169.254.169.254/")


def test_runware_may_tell_of_pictures_one_by_one_and_of_those_that_failed(box: Sandbox, listener):
    box.fault(do="trickle")
    box.fault(do="fewer")
    task = inference(numberResults=3, webhookURL=listener.url)
    box.runware(task)
    seen: list[list[str]] = []

    def look() -> bool:
        answer = box.runware({"taskType": "getResponse", "taskUUID": task["taskUUID"]}).json()
        items = answer.get("data", []) + answer.get("errors", [])
        seen.append([item["status"] for item in items])
        return "error" in seen[-1]

    until(look)
    assert seen[-2:] == [["success", "processing"], ["success", "success", "error"]]
    until(lambda: len(listener.heard) == 3)
    assert [list(heard.json()) for heard in listener.heard] == [["data"], ["data"], ["errors"]]


def test_there_may_be_fewer_or_more_or_twice_the_same_picture(box: Sandbox):
    for rule, number in (({"do": "fewer"}, 2), ({"do": "more", "number": 2}, 5), ({"do": "same"}, 3)):
        box.fault(**rule)
        submitted = box.fal_submit(num_images=3).json()
        box.fal_ended(submitted)
        images = box.fal("GET", submitted["response_url"]).json()["images"]
        assert len(images) == number
        assert box.bill()[-1]["charged"] == 28_000 * number
    assert len({box.http.get(image["url"]).content for image in images}) == 1


@pytest.mark.parametrize("kind", ["moderation", "server", "provider", "input", "timeout"])
def test_an_accepted_job_may_fail_and_then_costs_nothing(box: Sandbox, kind: str):
    def rule() -> None:
        box.fault(do="moderation") if kind == "moderation" else box.fault(do="job-fails", kind=kind)

    rule()
    submitted = box.fal_submit().json()
    assert box.fal_ended(submitted)["error"].startswith("Invalid status code")
    assert box.fal("GET", submitted["response_url"]).status_code >= 400
    rule()
    task = inference()
    box.runware(task)
    (item,) = box.runware_results(task["taskUUID"])
    assert (item["status"], bool(item["code"])) == ("error", True)
    rule()
    ended = box.kling_ended(box.kling_create().json()["data"]["task_id"])
    assert (ended["task_status"], bool(ended["task_status_msg"])) == ("failed", True)
    assert [(line["outcome"], line["charged"]) for line in box.bill()] == [("failed", 0)] * 3


def test_vendors_may_charge_for_failures_and_more_than_they_said(box: Sandbox):
    box.fault(do="job-fails")
    box.fault(do="bill-failed")
    box.fal_ended(box.fal_submit().json())
    box.fault(do="overcharge", number=500)
    box.fal_ended(box.fal_submit().json())
    assert [line["charged"] for line in box.bill()] == [28_000, 28_500]
    assert box.control("bill")["total"] == 56_500


def test_a_job_may_never_end(box: Sandbox):
    box.fault(do="job-hangs")
    submitted = box.fal_submit().json()
    with pytest.raises(AssertionError):
        until(lambda: box.fal("GET", submitted["status_url"]).status_code == 200, seconds=0.3)
    assert box.bill()[0]["charged"] is None


def test_pictures_may_be_marked(box: Sandbox):
    box.fault(do="nsfw")
    task = inference(safety={"checkContent": True})
    box.runware(task)
    assert box.runware_results(task["taskUUID"])[0]["NSFWContent"] is True


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


def test_the_clock_can_be_wrong(box: Sandbox):
    now = box.control("clock", {"offset": -3600})["now"]
    assert box.control("clock", {"offset": 0})["now"] - now > 3599


def test_rules_pick_requests_by_number_attempt_path_and_words(box: Sandbox):
    box.fault(do="answer", status=500, operation="submit", nth=2)
    box.fault(do="answer", status=501, operation="submit", contains="tower")
    box.fault(do="answer", status=502, attempt=3)
    box.fault(do="answer", status=503, path="*/requests/*/status", times=2)
    answers = [box.fal_submit().status_code for _ in range(3)]
    assert answers == [200, 500, 502]
    assert box.fal_submit(prompt="A tower.").status_code == 501
    submitted = box.fal_submit(prompt="A door.").json()
    asked = [box.fal("GET", submitted["status_url"]).status_code for _ in range(2)]
    assert asked == [503, 503]
    assert box.fal_ended(submitted)


def test_random_faults_repeat_with_their_seed(box: Sandbox):
    def run() -> list[int]:
        box.control("reset", {})
        box.fault(do="error", kind="server", chance=0.5, seed=7, times=0)
        return [box.fal_submit().status_code for _ in range(20)]

    first = run()
    assert run() == first
    assert 3 < first.count(500) < 17


def test_rules_that_are_not_understood_are_refused_with_a_sentence(box: Sandbox):
    for rule, sentence in (
        ({"do": "explode"}, "There is no fault 'explode'."),
        ({"do": "slow", "colour": "red"}, "A rule has no colour."),
        (["slow"], "A rule is a JSON object."),
        ({"do": "slow", "seconds": "1"}, "seconds of a rule cannot be '1'."),
    ):
        answer = box.http.post(f"{box.base}/_/faults", json=rule)
        assert (answer.status_code, answer.json()["error"]) == (422, sentence)
    assert box.control("faults")["rules"] == []


def test_everything_can_be_forgotten(box: Sandbox):
    box.fault(do="slow", seconds=0.01, times=0)
    name = str(uuid4())
    box.runware(inference(taskUUID=name))
    box.control("reset", {})
    assert box.bill() == []
    assert box.control("requests")["requests"] == []
    assert box.control("faults")["rules"] == []
    assert box.runware(inference(taskUUID=name)).status_code == 200


def test_a_forged_signature_fails_against_the_published_key(box: Sandbox):
    raw = signing.KEY.public_key().public_bytes_raw()
    with pytest.raises(InvalidSignature):
        Ed25519PublicKey.from_public_bytes(raw).verify(signing.NOBODYS_KEY.sign(b"x"), b"x")
