"""fal's queue as a plain client sees it."""

import hashlib
import io
from base64 import urlsafe_b64decode
from time import time

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from PIL import Image

from tests.sandbox.conftest import I2I, T2I, Sandbox, picture, until


def test_an_order_goes_from_the_queue_to_pictures_and_is_billed_once(box: Sandbox):
    sent = box.fal_submit(num_images=2, aspect_ratio="1:1", output_format="jpeg")
    assert sent.status_code == 200
    submitted = sent.json()
    assert submitted["status"] == "IN_QUEUE"
    assert isinstance(submitted["queue_position"], int)
    assert sent.headers["x-fal-request-id"] == submitted["request_id"]
    own = f"{box.base}/fal/queue/fal-ai/kling-image/requests/{submitted['request_id']}"
    assert submitted["response_url"] == own
    assert submitted["status_url"] == f"{own}/status"
    assert submitted["cancel_url"] == f"{own}/cancel"
    ended = box.fal_ended(submitted)
    assert ended["status"] == "COMPLETED"
    assert "inference_time" in ended["metrics"]
    result = box.fal("GET", submitted["response_url"])
    assert result.headers["x-fal-billable-units"] == "2"
    for image in result.json()["images"]:
        data = box.http.get(image["url"])
        assert data.headers["content-type"] == "image/jpeg"
        assert Image.open(io.BytesIO(data.content)).size == (1024, 1024)
    (line,) = box.bill()
    assert (line["charged"], line["quoted"], line["outcome"]) == (56_000, 56_000, "done")


def test_no_two_pictures_are_the_same_bytes(box: Sandbox):
    for kind in ("png", "jpeg", "webp"):
        submitted = box.fal_submit(num_images=9, output_format=kind).json()
        box.fal_ended(submitted)
        images = box.fal("GET", submitted["response_url"]).json()["images"]
        files = [box.http.get(image["url"]).content for image in images]
        assert len({hashlib.sha256(data).hexdigest() for data in files}) == 9
        for data in files:
            Image.open(io.BytesIO(data)).load()


def test_a_request_that_waits_or_runs_answers_202_with_the_keys_clients_read(box: Sandbox):
    box.fault(do="job-slow", seconds=0.3)
    submitted = box.fal_submit().json()
    seen: dict[str, httpx.Response] = {}

    def look() -> bool:
        answer = box.fal("GET", submitted["status_url"] + "?logs=true")
        seen.setdefault(answer.json()["status"], answer)
        return answer.status_code == 200

    early = box.fal("GET", submitted["response_url"])
    assert (early.status_code, early.json()) == (400, {"detail": "Request is still in progress"})
    until(look)
    assert seen["IN_PROGRESS"].status_code == 202
    assert seen["IN_PROGRESS"].json()["logs"][0]["source"] == "USER"
    if "IN_QUEUE" in seen:
        assert seen["IN_QUEUE"].json()["queue_position"] == 0
    assert seen["COMPLETED"].json()["logs"]


def test_requests_beyond_the_slots_wait_in_order(box: Sandbox):
    box.control("accounts", {"protocol": "fal", "name": "sandbox-fal", "slots": 1})
    box.fault(do="job-slow", seconds=0.2)
    jobs = [box.fal_submit().json() for _ in range(3)]
    until(lambda: box.fal("GET", jobs[0]["status_url"]).json()["status"] == "IN_PROGRESS")
    waiting = [box.fal("GET", job["status_url"]).json() for job in jobs[1:]]
    assert [entry["queue_position"] for entry in waiting] == [0, 1]
    full = box.fal_submit(query="?fal_max_queue_length=1")
    assert full.status_code == 429
    for job in jobs:
        box.fal_ended(job)
    assert len(box.bill()) == 3


def test_cancelling_what_waits_costs_nothing_and_what_runs_is_charged(box: Sandbox):
    box.control("accounts", {"protocol": "fal", "name": "sandbox-fal", "slots": 1})
    box.fault(do="job-slow", seconds=0.2)
    running, waiting = box.fal_submit().json(), box.fal_submit().json()
    until(lambda: box.fal("GET", running["status_url"]).json()["status"] == "IN_PROGRESS")
    for job in (running, waiting):
        answer = box.fal("PUT", job["cancel_url"])
        assert (answer.status_code, answer.json()) == (202, {"status": "CANCELLATION_REQUESTED"})
    gone = box.fal_ended(waiting)
    assert gone["error_type"] == "client_cancelled"
    assert box.fal("GET", waiting["response_url"]).status_code == 499
    box.fal_ended(running)
    assert [line["charged"] for line in box.bill()] == [28_000, 0]
    late = box.fal("PUT", running["cancel_url"])
    assert (late.status_code, late.json()) == (400, {"status": "ALREADY_COMPLETED"})


def test_a_request_not_started_in_time_ends_with_504(box: Sandbox):
    box.control("accounts", {"protocol": "fal", "name": "sandbox-fal", "slots": 1})
    box.fault(do="job-slow", seconds=0.5)
    box.fal_submit()
    path = f"queue/{T2I}"
    late = box.fal("POST", path, json={"prompt": "x"}, headers={"X-Fal-Request-Timeout": "0.15"}).json()
    assert box.fal_ended(late)["error_type"] == "request_timeout"
    result = box.fal("GET", late["response_url"])
    assert (result.status_code, result.headers["x-fal-request-timeout-type"]) == (504, "user")
    assert box.bill()[1]["charged"] == 0


def test_unknown_ids_and_those_of_others_are_not_found(box: Sandbox):
    submitted = box.fal_submit().json()
    other = {"Authorization": "Key sandbox-other:secret"}
    for url, headers in (
        (submitted["status_url"], other),
        (submitted["status_url"].replace(submitted["request_id"], "nobody"), {}),
        (submitted["status_url"].replace("kling-image", "flux"), {}),
    ):
        answer = box.fal("GET", url, headers=headers)
        assert (answer.status_code, answer.json()) == (404, {"status": "NOT_FOUND"})
    assert box.fal("POST", "queue/fal-ai/nothing", json={}).status_code == 404


@pytest.mark.parametrize(
    ("body", "kind", "field"),
    [
        ({"prompt": "x" * 2501}, "string_too_long", "prompt"),
        ({"prompt": None}, "missing", "prompt"),
        ({"resolution": "8K"}, "one_of", "resolution"),
        ({"resolution": "1k"}, "one_of", "resolution"),
        ({"aspect_ratio": "auto"}, "one_of", "aspect_ratio"),
        ({"num_images": 10}, "less_than_equal", "num_images"),
        ({"num_images": 0}, "greater_than_equal", "num_images"),
        ({"output_format": "gif"}, "one_of", "output_format"),
        ({"result_type": "series"}, "missing", "series_amount"),
        ({"result_type": "series", "series_amount": 10}, "less_than_equal", "series_amount"),
        (
            {"elements": [{"frontal_image_url": "https://example.com/a.png"}]},
            "file_download_error",
            "elements",
        ),
        (
            {"elements": [{"frontal_image_url": None, "reference_image_urls": ["a"] * 4}]},
            "sequence_too_long",
            "elements",
        ),
    ],
)
def test_wrong_input_is_taken_by_the_queue_and_refused_by_the_model(box: Sandbox, body, kind, field):
    submitted = box.fal_submit(**body)
    assert submitted.status_code == 200
    ended = box.fal_ended(submitted.json())
    assert (ended["status"], ended["error_type"]) == ("COMPLETED", kind)
    result = box.fal("GET", submitted.json()["response_url"])
    assert result.status_code == 422
    assert result.headers["x-fal-retryable"] == "false"
    entry = result.json()["detail"][0]
    assert (entry["type"], entry["loc"][:2]) == (kind, ["body", field])
    assert box.bill()[0]["charged"] == 0


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (picture(299, 400), "image_too_small"),
        (picture(1200, 400), "value_error"),
        (b"no picture", "image_load_error"),
        (picture(400, 400, "GIF"), "unsupported_image_format"),
    ],
)
def test_pictures_that_do_not_fit_are_refused(box: Sandbox, data: bytes, kind: str):
    submitted = box.fal_submit(I2I, image_urls=[box.fal_upload(data)]).json()
    assert box.fal_ended(submitted)["error_type"] == kind


@pytest.mark.slow
def test_auto_follows_the_first_reference_and_4k_costs_twice(box: Sandbox):
    source = box.fal_upload(picture(600, 900))
    elements = [{"frontal_image_url": source, "reference_image_urls": [source]}]
    submitted = box.fal_submit(I2I, image_urls=[source], elements=elements, resolution="4K").json()
    box.fal_ended(submitted)
    result = box.fal("GET", submitted["response_url"])
    data = box.http.get(result.json()["images"][0]["url"]).content
    assert Image.open(io.BytesIO(data)).size == (3328, 4992)
    assert result.headers["x-fal-billable-units"] == "2"
    assert box.bill()[0]["charged"] == 56_000


def test_a_series_makes_and_costs_its_panels(box: Sandbox):
    submitted = box.fal_submit(result_type="series", series_amount=3, num_images=9).json()
    box.fal_ended(submitted)
    assert len(box.fal("GET", submitted["response_url"]).json()["images"]) == 3
    assert box.bill()[0]["charged"] == 84_000


def test_fields_the_endpoint_does_not_have_are_ignored_and_noted(box: Sandbox):
    source = box.fal_upload(picture())
    elements = [{"image_url": source}]
    box.fal_ended(box.fal_submit(negative_prompt="rain", elements=elements).json())
    assert box.bill()[0]["ignored"] == ["negative_prompt", "elements.image_url"]


def test_keys_are_refused_before_anything_exists(box: Sandbox):
    bad = {"Authorization": "Key 0000:1111"}
    refused = box.fal("POST", f"queue/{T2I}", json={"prompt": "x"}, headers=bad)
    assert (refused.status_code, type(refused.json()["detail"])) == (401, str)
    box.control("accounts", {"protocol": "fal", "name": "sandbox-fal", "balance": 0})
    poor = box.fal_submit()
    assert poor.status_code == 403
    assert "Exhausted balance" in poor.json()["detail"]
    assert box.bill() == []


def test_uploads_by_token_serve_as_references(box: Sandbox):
    token = box.fal("POST", "rest/storage/auth/token?storage_type=fal-cdn-v3", json={}).json()
    assert token["token_type"] == "Bearer"
    headers = {"Authorization": f"Bearer {token['token']}", "Content-Type": "image/png"}
    headers["X-Fal-File-Name"] = "dusk.png"
    made = box.http.post(f"{token['base_url']}/files/upload", content=picture(), headers=headers).json()
    assert box.http.get(made["access_url"]).content == picture()
    box.fal_ended(box.fal_submit(I2I, image_urls=[made["access_url"]]).json())
    assert box.bill()[0]["charged"] == 28_000


def test_uploads_last_as_long_as_was_wished(box: Sandbox):
    headers = {"X-Fal-Object-Lifecycle-Preference": '{"expiration_duration_seconds": 60}'}
    wish = {"file_name": "a.png", "content_type": "image/png"}
    made = box.fal("POST", "rest/storage/upload/initiate", json=wish, headers=headers).json()
    box.http.put(made["upload_url"], content=picture())
    assert box.http.get(made["file_url"]).status_code == 200
    box.control("clock", {"offset": 61})
    assert box.http.get(made["file_url"]).status_code == 410
    assert box.fal_ended(box.fal_submit(I2I, image_urls=[made["file_url"]]).json())["error_type"] == (
        "file_download_error"
    )


def test_pictures_expire_and_can_be_kept_from_strangers(box: Sandbox):
    wish = '{"expiration_duration_seconds": 60, "initial_acl": {"default": "forbid"}}'
    headers = {"X-Fal-Object-Lifecycle-Preference": wish}
    submitted = box.fal("POST", f"queue/{T2I}", json={"prompt": "x"}, headers=headers).json()
    box.fal_ended(submitted)
    url = box.fal("GET", submitted["response_url"]).json()["images"][0]["url"]
    assert box.http.get(url).status_code == 403
    assert box.fal("GET", url).status_code == 200
    box.control("clock", {"offset": 61})
    assert box.fal("GET", url).status_code == 410


def test_the_history_finds_what_was_asked_by_time_and_payload(box: Sandbox):
    mine = box.fal_submit(num_images=2).json()
    box.fal_ended(mine)
    query = f"api/v1/models/requests/by-endpoint?endpoint_id={T2I}&expand=payloads&limit=1"
    page = box.fal("GET", query).json()
    (item,) = page["items"]
    assert item["request_id"] == mine["request_id"]
    assert item["json_input"] == {"prompt": "A pier at dawn.", "num_images": 2}
    assert (item["status_code"], page["has_more"]) == (200, False)
    assert (
        box.fal("GET", f"{query}&start=2020-01-01T00:00:00Z&end=2020-01-02T00:00:00Z").json()["items"] == []
    )
    unseen = box.fal("POST", f"queue/{T2I}", json={"prompt": "y"}, headers={"X-Fal-Store-IO": "0"}).json()
    box.fal_ended(unseen)
    assert len(box.fal("GET", query).json()["items"]) == 1
    billed = box.fal("GET", f"api/v1/models/billing-events?request_id={mine['request_id']}").json()
    (event,) = billed["billing_events"]
    assert (event["cost_total"], event["output_units"]) == (0.056, 2)
    credit = box.fal("GET", "api/v1/account/billing?expand=credits").json()["credits"]
    assert credit["current_balance"] == pytest.approx(1000 - 0.056 - 0.028)


def test_webhooks_are_signed_as_documented(box: Sandbox, listener):
    submitted = box.fal_submit(query=f"?fal_webhook={listener.url}/hooks/fal/abc").json()
    (hook,) = until(lambda: listener.heard)
    body = hook.json()
    assert (body["request_id"], body["status"]) == (submitted["request_id"], "OK")
    assert body["payload"]["images"]
    assert box.bill()[0]["reference"] == f"{listener.url}/hooks/fal/abc"
    names = ("Request-Id", "User-Id", "Timestamp")
    signed = [hook.headers[f"X-Fal-Webhook-{name}"] for name in names]
    assert signed[1] == box.control("")["fal"]["user_id"]
    assert abs(int(signed[2]) - time()) < 60
    text = "\n".join([*signed, hashlib.sha256(hook.body).hexdigest()]).encode()
    x = box.http.get(f"{box.base}/fal/rest/.well-known/jwks.json").json()["keys"][0]["x"]
    key = Ed25519PublicKey.from_public_bytes(urlsafe_b64decode(x + "="))
    key.verify(bytes.fromhex(hook.headers["X-Fal-Webhook-Signature"]), text)


def test_the_direct_address_waits_for_the_pictures(box: Sandbox):
    answer = box.fal("POST", f"run/{T2I}", json={"prompt": "x"})
    assert (answer.status_code, len(answer.json()["images"])) == (200, 1)
