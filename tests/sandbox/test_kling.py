"""Kling's own API as a plain client sees it."""

import base64
import hashlib
import hmac
import io
from time import time

import httpx
import jwt
import pytest
from PIL import Image

from tests.sandbox.conftest import Json, Sandbox, as_base64, picture, until

GENERATIONS = "/v1/images/generations"
OMNI = "/v1/images/omni-image"
MULTI = "/v1/images/multi-image2image"
ELEMENTS = "/v1/general/advanced-custom-elements"
V3 = {"model_name": "kling-v3"}
V2_1 = {"model_name": "kling-v2-1"}


def refused(answer: httpx.Response) -> tuple[int, int]:
    assert "data" not in answer.json()
    assert answer.json()["request_id"]
    return answer.status_code, answer.json()["code"]


def element(**values: object) -> Json:
    photo = as_base64(picture())
    images = {"frontal_image": photo, "refer_images": [{"image_url": photo}]}
    usual: Json = {"element_name": "Mara", "element_description": "A detective."}
    return {**usual, "reference_type": "image_refer", "element_image_list": images, **values}


def make_element(box: Sandbox, **values: object) -> Json:
    task = box.kling("POST", ELEMENTS, json=element(**values)).json()["data"]["task_id"]
    found: Json = box.kling_ended(task, ELEMENTS)["task_result"]["elements"][0]
    return found


def test_an_order_goes_through_its_states_and_is_charged_in_units(box: Sandbox):
    created = box.kling_create(n=2, external_task_id="fh-1")
    envelope = created.json()
    assert (envelope["code"], envelope["message"]) == (0, "SUCCEED")
    data = envelope["data"]
    assert (data["task_status"], data["task_info"]) == ("submitted", {"external_task_id": "fh-1"})
    assert len(data["task_id"]) == 18
    ended = box.kling_ended(data["task_id"])
    assert ended["task_status"] == "succeed"
    assert ended["final_unit_deduction"] == "16"
    assert [image["index"] for image in ended["task_result"]["images"]] == [0, 1]
    assert ended["task_result"]["result_type"] == "single"
    found = box.http.get(ended["task_result"]["images"][0]["url"]).content
    assert Image.open(io.BytesIO(found)).size == (1360, 768)
    assert box.kling("GET", f"{OMNI}/fh-1").json()["data"] == ended
    assert box.bill()[0]["charged"] == 56_000


def test_an_external_id_serves_one_task_of_an_account_over_all_products(box: Sandbox):
    box.kling_create(external_task_id="fh-1")
    for answer in (
        box.kling_create(external_task_id="fh-1"),
        box.kling_create(GENERATIONS, **V3, external_task_id="fh-1"),
        box.kling("POST", ELEMENTS, json=element(external_task_id="fh-1")),
    ):
        assert refused(answer) == (400, 1201)
        assert answer.json()["message"] == "External_task_id fh-1 already exists"
    assert len(box.bill()) == 1


def test_a_refused_order_does_not_use_up_its_id(box: Sandbox):
    assert refused(box.kling_create(n=10, external_task_id="fh-1")) == (400, 1201)
    assert box.kling_create(external_task_id="fh-1").json()["code"] == 0


def test_what_is_not_there_is_not_found_by_name(box: Sandbox):
    task = box.kling_create().json()["data"]["task_id"]
    stranger = box.kling("GET", f"{OMNI}/{task}", key="sandbox-else")
    for answer in (box.kling("GET", f"{OMNI}/nobody"), box.kling("GET", f"{MULTI}/{task}"), stranger):
        assert refused(answer) == (400, 1201)
        assert answer.json()["message"].startswith("Task not found by id/external id")


def test_lists_are_paged(box: Sandbox):
    made = [box.kling_create().json()["data"]["task_id"] for _ in range(3)]
    box.kling_create(GENERATIONS, **V3)
    pages = [box.kling("GET", f"{OMNI}?pageNum={page}&pageSize=2").json()["data"] for page in (1, 2, 3)]
    assert [entry["task_id"] for page in pages for entry in page] == made[::-1]
    assert refused(box.kling("GET", f"{OMNI}?pageNum=0")) == (400, 1201)
    assert refused(box.kling("GET", f"{OMNI}?pageSize=501")) == (400, 1201)


def test_several_tasks_are_asked_about_at_once_in_the_newer_shape(box: Sandbox):
    task = box.kling_create(external_task_id="fh-1").json()["data"]["task_id"]
    box.kling_ended(task)
    (found,) = box.kling("GET", f"/tasks?task_ids={task},nobody").json()["data"]
    assert (found["id"], found["status"], found["external_id"]) == (task, "succeeded", "fh-1")
    assert refused(box.kling("GET", "/tasks?task_ids=" + ",".join(map(str, range(21))))) == (400, 1201)


@pytest.mark.parametrize(
    ("path", "values"),
    [
        (OMNI, {"model_name": "kling-v9"}),
        (OMNI, {"prompt": ""}),
        (OMNI, {"prompt": "x" * 2501}),
        (OMNI, {"resolution": "1K"}),
        (OMNI, {"resolution": "4k", "model_name": "kling-image-o1"}),
        (OMNI, {"n": 0}),
        (OMNI, {"result_type": "series", "series_amount": 1}),
        (OMNI, {"result_type": "series", "model_name": "kling-image-o1"}),
        (OMNI, {"aspect_ratio": "auto"}),
        (OMNI, {"element_list": [{"element_id": 1}]}),
        (OMNI, {"image_list": [{"image_url": "x"}]}),
        (OMNI, {"image_list": [{"image": "data:image/png;base64," + as_base64(picture())}]}),
        (OMNI, {"image_list": [{"image": as_base64(picture(kind="WEBP"))}]}),
        (OMNI, {"image_list": [{"image": as_base64(picture(299, 300))}]}),
        (OMNI, {"image_list": [{"image": as_base64(picture())}] * 11}),
        (GENERATIONS, {**V3, "image": as_base64(picture()), "negative_prompt": "rain"}),
        (GENERATIONS, {**V3, "resolution": "4k"}),
        (GENERATIONS, {**V3, "image": as_base64(picture()), "image_reference": "face"}),
        (MULTI, {**V2_1, "subject_image_list": []}),
        (MULTI, {**V2_1, "subject_image_list": [{"subject_image": as_base64(picture())}] * 5}),
    ],
)
def test_wrong_input_is_refused_and_costs_nothing(box: Sandbox, path: str, values: Json):
    assert refused(box.kling_create(path, **values)) == (400, 1201)
    assert box.bill() == []


def test_prices_follow_the_list(box: Sandbox):
    photo = as_base64(picture())
    orders: list[tuple[str, Json, int]] = [
        (GENERATIONS, {**V3}, 28_000),
        (GENERATIONS, {**V3, "image": photo, "resolution": "2k"}, 28_000),
        (GENERATIONS, {**V2_1}, 14_000),
        (GENERATIONS, {**V2_1, "image": photo, "image_reference": "subject"}, 28_000),
        (OMNI, {"resolution": "4k"}, 56_000),
        (OMNI, {"model_name": "kling-image-o1", "image_list": [{"image": photo}]}, 28_000),
        (MULTI, {**V2_1, "subject_image_list": [{"subject_image": photo}], "scene_image": photo}, 56_000),
    ]
    for path, values, price in orders:
        task = box.kling_create(path, **values).json()["data"]["task_id"]
        box.kling_ended(task, path)
        assert box.bill()[-1]["charged"] == price, (path, values)


def test_a_series_is_told_apart_and_auto_makes_what_it_likes(box: Sandbox):
    task = box.kling_create(result_type="series", series_amount="auto", n=9).json()["data"]["task_id"]
    result = box.kling_ended(task)["task_result"]
    assert (result["result_type"], result["images"], len(result["series_images"])) == ("series", [], 4)


def test_a_watermarked_twin_is_there_when_it_was_asked_for(box: Sandbox):
    task = box.kling_create(watermark_info={"enabled": True}).json()["data"]["task_id"]
    (image,) = box.kling_ended(task)["task_result"]["images"]
    clean, marked = box.http.get(image["url"]), box.http.get(image["watermark_url"])
    assert marked.status_code == 200
    assert _last_pixel(marked.content) == (0, 0, 0) != _last_pixel(clean.content)
    (listed,) = box.kling("GET", f"/tasks?task_ids={task}").json()["data"]
    assert [one["watermark_url"] for one in listed["outputs"]] == [image["watermark_url"]]
    assert box.bill()[0]["charged"] == 28_000


def _last_pixel(data: bytes) -> object:
    with Image.open(io.BytesIO(data)) as image:
        return image.convert("RGB").getpixel((image.width - 1, image.height - 1))


@pytest.mark.parametrize("asked", [{}, {"watermark_info": {"enabled": False}}])
def test_no_twin_is_there_when_nobody_asked_for_it(box: Sandbox, asked: Json):
    task = box.kling_create(**asked).json()["data"]["task_id"]
    (image,) = box.kling_ended(task)["task_result"]["images"]
    assert "watermark_url" not in image


@pytest.mark.parametrize("value", [True, "yes", {"enabled": "yes"}, None])
def test_a_watermark_is_asked_for_with_a_plain_yes_or_no(box: Sandbox, value: object):
    assert refused(box.kling_create(watermark_info=value)) == (400, 1201)
    assert box.bill() == []


def test_an_account_has_slots_by_pictures_and_a_full_one_creates_nothing(box: Sandbox):
    box.control("accounts", {"protocol": "kling", "name": "sandbox-kling", "slots": 4})
    first = box.kling_create(n=3, external_task_id="fh-1").json()["data"]["task_id"]
    full = box.kling_create(n=2, external_task_id="fh-2")
    assert refused(full) == (429, 1303)
    assert box.kling_create(GENERATIONS, **V3).json()["code"] == 0  # another model has slots of its own
    box.kling_ended(first)
    assert box.kling_create(n=2, external_task_id="fh-2").json()["code"] == 0
    assert len(box.bill()) == 3


def test_elements_are_made_used_and_deleted(box: Sandbox):
    made = make_element(box, external_task_id="fh-e")
    assert isinstance(made["element_id"], int)
    assert made["element_id"] > 2**53
    assert box.kling("GET", f"{ELEMENTS}/fh-e").json()["data"]["task_status"] == "succeed"
    assert len(box.kling("GET", f"{ELEMENTS}?pageNum=1&pageSize=30").json()["data"]) == 1
    use: Json = {"element_list": [{"element_id": made["element_id"]}], "prompt": "<<<element_1>>> at dawn."}
    assert box.kling_create(**use).json()["code"] == 0
    assert refused(box.kling_create(element_list=[{"element_id": str(made["element_id"])}])) == (400, 1201)
    gone = {"element_id": str(made["element_id"])}
    assert box.kling("POST", "/v1/general/delete-elements", json=gone).json()["code"] == 0
    assert refused(box.kling("POST", "/v1/general/delete-advanced-elements", json=gone)) == (400, 1201)
    assert refused(box.kling_create(**use)) == (400, 1201)
    assert len(box.bill()) == 1


@pytest.mark.parametrize(
    "values",
    [
        {"element_name": "x" * 21},
        {"element_description": ""},
        {"reference_type": "video_refer"},
        {"element_image_list": {"frontal_image": as_base64(picture()), "refer_images": []}},
        {"tag_list": [{"tag_id": "o_999"}]},
    ],
)
def test_elements_that_do_not_fit_are_refused(box: Sandbox, values: Json):
    assert refused(box.kling("POST", ELEMENTS, json=element(**values))) == (400, 1201)


def test_marks_that_point_nowhere_are_noted(box: Sandbox):
    photo = as_base64(picture())
    prompt = "<<<image_1>>> beside <<<image_2>>> and <<<element_1>>>"
    box.kling_create(prompt=prompt, image_list=[{"image": photo}], model="kling-v3")
    assert box.bill()[0]["ignored"] == ["model", "<<<image_2>>>", "<<<element_1>>>"]


@pytest.mark.parametrize(
    ("claims", "code"),
    [
        ({}, 0),
        ({"nbf": 60}, 1003),
        ({"exp": -1}, 1004),
        ({"iss": "real-access"}, 1002),
    ],
)
def test_signed_tokens_are_checked_by_the_clock(box: Sandbox, claims: Json, code: int):
    now = int(time())
    usual: Json = {"iss": "sandbox-access", "exp": now + 1800, "nbf": now - 5}
    stated = {name: value if name == "iss" else now + value for name, value in claims.items()}
    secret = box.control("")["kling"]["secret_key"]
    token = jwt.encode({**usual, **stated}, secret, headers={"typ": "JWT"})
    answer = box.kling("GET", f"{OMNI}?pageNum=1", key=token)
    assert (answer.status_code, answer.json()["code"]) == (401 if code else 200, code)
    assert refused(box.kling("GET", "/tasks?task_ids=1", key=token)) == (401, 1002)


def test_keys_and_empty_packs_have_their_own_codes(box: Sandbox):
    assert refused(box.kling("GET", f"{OMNI}/x", key="real")) == (401, 1002)
    assert refused(box.kling("GET", f"{OMNI}/x", key="not.a.token")) == (401, 1002)
    nobody = box.http.get(f"{box.base}/kling{OMNI}/x")
    assert refused(nobody) == (401, 1001)
    box.control("accounts", {"protocol": "kling", "name": "sandbox-kling", "balance": 0})
    assert refused(box.kling_create()) == (429, 1102)
    costs = box.kling("GET", "/account/costs?start_time=0&end_time=1").json()["data"]
    (pack,) = costs["resource_pack_subscribe_infos"]
    assert (pack["remaining_quantity"], pack["status"]) == (0, "runOut")


def test_deductions_name_the_task_and_its_units(box: Sandbox):
    task = box.kling_create(n=2, external_task_id="fh-1").json()["data"]["task_id"]
    box.kling_ended(task)
    found = box.kling("POST", "/account/billing/package", json={"limit": 5}).json()["data"]
    (row,) = found["result"]
    assert (row["task_id"], row["external_task_id"], row["deduction_amount"]) == (task, "fh-1", "16")


def test_callbacks_tell_every_step_and_are_signed(box: Sandbox, listener):
    task = box.kling_create(callback_url=f"{listener.url}/hooks/kling/t").json()["data"]["task_id"]
    until(lambda: len(listener.heard) == 3)
    bodies = [heard.json() for heard in listener.heard]
    assert [body["task_status"] for body in bodies] == ["submitted", "processing", "succeed"]
    assert {body["task_id"] for body in bodies} == {task}
    assert bodies[-1]["task_result"]["images"]
    secret = base64.b64decode(box.control("")["kling"]["webhook_secret"].removeprefix("whsec_"))
    for heard in listener.heard:
        signed = f"{heard.headers['webhook-id']}.{heard.headers['webhook-timestamp']}.".encode() + heard.body
        wanted = base64.b64encode(hmac.new(secret, signed, hashlib.sha256).digest()).decode()
        assert heard.headers["webhook-signature"] == f"v1,{wanted}"


def test_callbacks_are_unsigned_before_a_secret_was_made(box: Sandbox, listener):
    box.control("accounts", {"protocol": "kling", "name": "sandbox-kling", "signed": False})
    box.kling_create(callback_url=listener.url)
    until(lambda: listener.heard)
    assert "webhook-signature" not in listener.heard[0].headers
