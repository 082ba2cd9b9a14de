"""Runware as a plain client sees it: every POST an array of tasks."""

import base64
import io
from uuid import uuid1, uuid4

import httpx
import pytest
from PIL import Image

from sandbox.options import Options
from sandbox.server import running
from tests.sandbox.conftest import Json, Sandbox, as_base64, inference, picture, until

V3 = "klingai:kling-image@3"


def codes(answer: httpx.Response) -> list[str]:
    return [entry["code"] for entry in answer.json()["errors"]]


def test_a_task_is_acknowledged_then_asked_about_until_it_is_there(box: Sandbox):
    task = inference(numberResults=3, outputFormat="PNG", safety={"checkContent": True, "mode": "fast"})
    sent = box.runware(task)
    assert sent.json() == {"data": [{"taskType": "imageInference", "taskUUID": task["taskUUID"]}]}
    items = box.runware_results(task["taskUUID"])
    assert [item["status"] for item in items] == ["success"] * 3
    assert len({item["imageUUID"] for item in items}) == 3
    assert [item["cost"] for item in items] == [0.028] * 3
    assert [item["NSFWContent"] for item in items] == [False] * 3
    assert len({item["seed"] for item in items}) == 3
    data = box.http.get(items[0]["imageURL"]).content
    assert Image.open(io.BytesIO(data)).size == (1360, 768)
    (line,) = box.bill()
    assert (line["reference"], line["charged"]) == (task["taskUUID"], 84_000)


def test_the_same_task_uuid_is_refused_and_billed_once(box: Sandbox):
    task = inference()
    box.runware(task)
    again = box.runware(task)
    assert (again.status_code, codes(again)) == (400, ["conflictTaskUUID"])
    box.runware_results(task["taskUUID"])
    assert codes(box.runware(task)) == ["conflictTaskUUID"]
    assert len(box.bill()) == 1


def test_twins_sent_at_once_become_one_task(box: Sandbox):
    task = inference()
    answer = box.runware(task, task)
    assert answer.status_code == 200
    assert len(answer.json()["data"]) == 1
    assert codes(answer) == ["conflictTaskUUID"]
    assert len(box.bill()) == 1


def test_a_forgetful_server_bills_the_same_uuid_again():
    options = Options(queue_seconds=0, run_seconds=0, runware_memory_seconds=30)
    with running(options) as base, httpx.Client(trust_env=False, verify=False) as http:
        box, task = Sandbox(base, http), inference()
        box.runware(task)
        assert codes(box.runware(task)) == ["conflictTaskUUID"]
        box.control("clock", {"offset": 31})
        assert box.runware(task).status_code == 200
        assert [line["reference"] for line in box.bill()] == [task["taskUUID"]] * 2


def test_an_unknown_id_has_no_answer_and_no_details(box: Sandbox):
    name = str(uuid4())
    asked = box.runware({"taskType": "getResponse", "taskUUID": name})
    assert (asked.status_code, asked.json()) == (200, {"data": []})
    assert codes(box.runware({"taskType": "getTaskDetails", "taskUUID": name})) == ["taskFailedOrNotFound"]
    task = inference()
    box.runware(task)
    details = box.runware({"taskType": "getTaskDetails", "taskUUID": task["taskUUID"]}).json()["data"][0]
    assert details["request"] == [task]
    stranger = box.runware({"taskType": "getResponse", "taskUUID": task["taskUUID"]}, key="sandbox-else")
    assert stranger.json() == {"data": []}


def test_while_it_runs_it_is_processing(box: Sandbox):
    box.fault(do="job-slow", seconds=0.3)
    task = inference()
    box.runware(task)
    (item,) = box.runware({"taskType": "getResponse", "taskUUID": task["taskUUID"]}).json()["data"]
    assert item["status"] == "processing"


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"taskUUID": "7"}, "invalidTaskUUID"),
        ({"taskUUID": str(uuid1())}, "invalidTaskUUID"),
        ({"model": "klingai:kling-image@9"}, "invalidModel"),
        ({"positivePrompt": "x" * 2501}, "invalidPositivePrompt"),
        ({"width": 1000}, "invalidWidthHeight"),
        ({"model": V3, "width": 5440, "height": 3072}, "invalidWidthHeight"),
        ({"width": None, "height": None}, "missingWidthHeight"),
        ({"width": None, "height": None, "resolution": "1K"}, "unsupportedParameter"),
        ({"model": V3, "resolution": "1K"}, "conflictResolution"),
        ({"model": V3, "width": None, "height": None, "resolution": "1K"}, "missingReferenceImages"),
        ({"numberResults": 21}, "invalidNumberResults"),
        ({"numberResults": True}, "invalidNumberResults"),
        ({"outputQuality": 100}, "invalidOutputQuality"),
        ({"outputFormat": "png"}, "invalidOutputFormat"),
        ({"deliveryMethod": "later"}, "invalidDeliveryMethod"),
        ({"ttl": 59}, "invalidTtl"),
        ({"safety": {"mode": "strict"}}, "invalidSafety.mode"),
        ({"negativePrompt": "rain"}, "unsupportedParameter"),
        ({"elements": []}, "unsupportedParameter"),
        ({"inputs": {"referenceImages": ["https://example.com/a.png"]}}, "downloadFailed"),
        ({"taskType": "paint"}, "invalidTaskType"),
    ],
)
def test_wrong_input_is_refused_at_once_and_costs_nothing(box: Sandbox, values: Json, code: str):
    answer = box.runware({name: value for name, value in inference(**values).items() if value is not None})
    assert (answer.status_code, codes(answer)) == (400, [code])
    assert answer.json()["errors"][0]["documentation"]
    assert box.bill() == []


def test_a_resolution_follows_the_first_reference(box: Sandbox):
    uploaded = box.runware(
        {"taskType": "imageUpload", "taskUUID": str(uuid4()), "image": as_base64(picture(600, 900))}
    ).json()["data"][0]
    stored = box.runware(
        {
            "taskType": "mediaStorage",
            "taskUUID": str(uuid4()),
            "operation": "upload",
            "media": f"data:image/png;base64,{as_base64(picture())}",
        }
    ).json()["data"][0]
    images = [uploaded["imageUUID"], stored["mediaURL"], as_base64(picture())]
    task = inference(model=V3, resolution="2K", inputs={"referenceImages": images})
    del task["width"], task["height"]
    assert box.runware(task).status_code == 200
    (item,) = box.runware_results(task["taskUUID"])
    assert Image.open(io.BytesIO(box.http.get(item["imageURL"]).content)).size == (1664, 2496)
    gone = {"taskType": "mediaStorage", "taskUUID": str(uuid4()), "operation": "delete"}
    assert box.runware({**gone, "mediaUUID": uploaded["imageUUID"]}).status_code == 200
    assert codes(box.runware({**gone, "mediaUUID": uploaded["imageUUID"]})) == ["mediaNotFound"]


def test_one_wrong_task_does_not_spoil_the_others(box: Sandbox):
    good, bad = inference(), inference(numberResults=0)
    answer = box.runware(good, bad)
    assert answer.status_code == 200
    assert [item["taskUUID"] for item in answer.json()["data"]] == [good["taskUUID"]]
    assert answer.json()["errors"][0]["taskUUID"] == bad["taskUUID"]


def test_synchronous_delivery_waits_and_can_carry_the_bytes(box: Sandbox):
    (item,) = box.runware(inference(deliveryMethod="sync", outputType="base64Data")).json()["data"]
    assert "imageURL" not in item
    assert Image.open(io.BytesIO(base64.b64decode(item["imageBase64Data"]))).format == "JPEG"


def test_pictures_live_as_long_as_was_asked(box: Sandbox):
    task = inference(ttl=60)
    box.runware(task)
    url = box.runware_results(task["taskUUID"])[0]["imageURL"]
    assert box.http.get(url).status_code == 200
    box.control("clock", {"offset": 61})
    assert box.http.get(url).status_code == 410


def test_keys_and_balances_have_their_own_words(box: Sandbox):
    details = {"taskType": "accountManagement", "taskUUID": str(uuid4()), "operation": "getDetails"}
    assert box.runware(details).json()["data"][0]["balance"] == 1000
    wrong = box.runware(details, key="real-key")
    assert (wrong.status_code, codes(wrong)) == (401, ["invalidApiKey"])
    inside = {"taskType": "authentication", "apiKey": "sandbox-runware"}
    assert box.runware(inside, details, key="").status_code == 200
    box.control("accounts", {"protocol": "runware", "name": "sandbox-runware", "balance": 0})
    poor = box.runware(inference())
    assert (poor.status_code, codes(poor)) == (402, ["insufficientCredits"])
    assert box.runware(details).json()["data"][0]["balance"] == 0


def test_webhooks_come_once_per_picture_and_unsigned(box: Sandbox, listener):
    task = inference(numberResults=2, webhookURL=f"{listener.url}/hooks/runware/t")
    box.runware(task)
    until(lambda: len(listener.heard) == 2)
    items = [heard.json()["data"][0] for heard in listener.heard]
    assert {item["taskUUID"] for item in items} == {task["taskUUID"]}
    assert len({item["imageUUID"] for item in items}) == 2
    assert not any("signature" in name.lower() for name in listener.heard[0].headers)
