"""Faults of jobs and of the pictures they end in."""

import gzip
import io

import httpx
import pytest
from PIL import Image

from tests.sandbox.conftest import Sandbox, inference, until


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
        assert len(unpacked.read(50_000_000)) == 50_000_000


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
