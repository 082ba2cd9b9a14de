"""Whatever is sent, the sandbox answers in the vendor's own shape and never falls over."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.examples import examples
from tests.sandbox.conftest import I2I, T2I, Sandbox, inference

ANYTHING = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-5, 20)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=6,
)
FIELDS = {
    "fal": "prompt image_urls elements resolution aspect_ratio num_images result_type series_amount "
    "output_format sync_mode",
    "runware": "taskUUID model positivePrompt width height resolution inputs numberResults outputType "
    "outputFormat outputQuality webhookURL ttl includeCost safety",
    "kling": "model_name prompt image_list element_list resolution result_type n series_amount aspect_ratio "
    "watermark_info callback_url external_task_id",
    "element": "element_name element_description reference_type element_image_list tag_list external_task_id",
}
SETTINGS = settings(
    max_examples=examples(30),
    deadline=None,
    database=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


def body(vendor: str) -> st.SearchStrategy[dict[str, object]]:
    return st.dictionaries(st.sampled_from(FIELDS[vendor].split()), ANYTHING, max_size=6)


@SETTINGS
@given(body("fal"), st.sampled_from([T2I, I2I]))
def test_fal_takes_any_object(box: Sandbox, values, endpoint):
    answer = box.fal_submit(endpoint, **values)
    assert answer.status_code == 200
    box.fal_ended(answer.json())
    assert box.fal("GET", answer.json()["response_url"]).status_code in (200, 422)


@SETTINGS
@given(body("runware"))
def test_runware_takes_or_refuses_any_task(box: Sandbox, values):
    answer = box.runware(inference(**values))
    assert answer.status_code in (200, 400)
    assert answer.json().keys() & {"data", "errors"}


@SETTINGS
@given(body("kling"))
def test_kling_takes_or_refuses_any_order(box: Sandbox, values):
    answer = box.kling_create(**values)
    assert answer.json()["code"] in (0, 1201, 1303)


@SETTINGS
@given(body("element"))
def test_kling_takes_or_refuses_any_element(box: Sandbox, values):
    answer = box.kling("POST", "/v1/general/advanced-custom-elements", json=values)
    assert answer.json()["code"] in (0, 1201)


@pytest.mark.parametrize("data", [b"", b"{", b"[" * 100_000, b"NaN", b"\xff", b'"text"', b"[1]", b"null"])
def test_bodies_that_are_no_orders_are_refused(box: Sandbox, data: bytes):
    key = {"Authorization": "Key sandbox-fal:secret"}
    bearer = {"Authorization": "Bearer sandbox"}
    for path, headers in (
        (f"/fal/queue/{T2I}", key),
        ("/fal/rest/storage/upload/initiate", key),
        ("/runware/v1", bearer),
        ("/kling/v1/images/omni-image", bearer),
        ("/kling/v1/general/delete-elements", bearer),
        ("/kling/account/billing/package", bearer),
    ):
        answer = box.http.post(box.base + path, content=data, headers=headers)
        assert answer.status_code in (400, 422), path
    assert box.bill() == []


def test_what_nobody_serves_is_not_found(box: Sandbox):
    for path in (
        "/",
        "/fal",
        "/fal/",
        "/kling/",
        "/kling/v1",
        "/runware/v2",
        "/fal/cdn/files/x/y",
        "/nothing/at/all",
        "/_/x",
    ):
        assert box.http.get(box.base + path).status_code == 404, path
    assert box.http.delete(f"{box.base}/runware/v1").status_code == 404
