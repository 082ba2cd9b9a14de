"""One composed order per mode is, on every route, exactly the body that the vendors' pages ask for.

The bodies in golden/ were written by hand from those pages.
"""

import json
from pathlib import Path
from typing import Any

import pytest

from providers import catalogue, kling_body, wire
from providers.base import Order
from providers.known import Known, photos, placeholders
from tests.providers import orders

GOLDEN = Path(__file__).parent / "golden"
PAID = [route.key for route in catalogue.routes() if route.paid]
ORDERS = {
    "v3-text": ("v3", orders.V3_TEXT),
    "o3-text": ("o3", orders.O3_TEXT),
    "v3-image": ("v3", orders.V3_IMAGE),
    "o3-references-and-elements": ("o3", orders.REFERENCES_AND_ELEMENTS),
    "o3-series": ("o3", orders.SERIES),
    "kling-omni": ("o3", orders.OMNI),
    "kling-multi-image": ("v2-1", orders.MULTI_IMAGE),
    "runware-text": ("v3", orders.RUNWARE_TEXT),
    "runware-image": ("v3", orders.RUNWARE_IMAGE),
}


def golden(name: str) -> dict[str, Any]:
    expected: dict[str, Any] = json.loads((GOLDEN / f"{name}.json").read_text())
    return expected


def question(order: Order) -> dict[str, Any]:
    return {
        "references": len(order.references),
        "series": order.series,
        "elements": len(order.elements),
        "roles": [reference.role for reference in order.references],
    }


@pytest.mark.parametrize("route", PAID)
@pytest.mark.parametrize("name", ORDERS)
def test_an_order_becomes_the_body_that_the_vendor_documents(name: str, route: str):
    model, order = ORDERS[name]
    expected = golden(name)
    row = catalogue.find(route, model, **question(order))
    if row is None:
        assert catalogue.why_not(route, model, **question(order)) == expected["refusals"][route]
        return
    body = wire.translate(order, row, orders.known(order, route), orders.ATTEMPT)
    assert body == expected["bodies"].pop(row.key)
    assert route not in expected["refusals"]


@pytest.mark.parametrize("name", ORDERS)
def test_every_expected_body_is_for_an_endpoint_that_is_found(name: str):
    model, order = ORDERS[name]
    rows = [catalogue.find(route, model, **question(order)) for route in PAID]
    assert {row.key for row in rows if row} == set(golden(name)["bodies"])


def test_once_agreed_elements_go_to_runware_as_ordered_references():
    order = orders.REFERENCES_AND_ELEMENTS
    row = catalogue.endpoint("runware-o3-image")
    body = wire.translate(order, row, orders.known(order, "runware"), orders.ATTEMPT)
    assert body == golden("agreed-references")["bodies"][row.key]


def test_once_agreed_elements_take_places_in_multi_image():
    order = orders.order("@mara in @red-coat", elements=(orders.mara(), orders.COAT), resolution="1K")
    row = catalogue.endpoint("kling-v2-1-multi-image")
    body = wire.translate(order, row, orders.known(order, "kling"), orders.ATTEMPT)
    assert isinstance(body, dict)
    assert body["prompt"] == "the subject image 1 in the subject image 2"
    assert body["subject_image_list"] == [
        {"subject_image": "base64 of mara-front.jpg"},
        {"subject_image": "base64 of coat-front.jpg"},
    ]
    assert "element_list" not in body


def test_multi_image_goes_without_words():
    order = orders.order("", references=orders.MULTI_IMAGE.references, resolution="1K")
    row = catalogue.endpoint("kling-v2-1-multi-image")
    assert "prompt" not in wire.translate(order, row, orders.known(order, "kling"), orders.ATTEMPT)


def test_o1_takes_a_list_of_pictures():
    order = orders.order("@ref-harbour at dawn", references=(orders.HARBOUR,), ratio="auto")
    row = catalogue.endpoint("fal-o1-image")
    assert wire.translate(order, row, orders.known(order, "fal"), orders.ATTEMPT) == {
        "prompt": "@Image1 at dawn",
        "image_urls": ["https://v3b.fal.media/files/harbour.jpg"],
        "resolution": "2K",
        "aspect_ratio": "auto",
        "num_images": 1,
        "output_format": "png",
        "sync_mode": False,
    }


def test_an_element_is_made_at_kling_from_its_front_and_its_best_angles():
    element = orders.mara(orders.ANGLES)
    body = kling_body.element_body(
        element, catalogue.endpoint("kling-o3-image"), _files(element), orders.ATTEMPT
    )
    assert body == {
        "element_name": "Mara",
        "element_description": "A detective.",
        "reference_type": "image_refer",
        "element_image_list": {
            "frontal_image": "base64 of mara-front.jpg",
            "refer_images": [
                {"image_url": "base64 of mara-three-quarter.jpg"},
                {"image_url": "base64 of mara-profile.jpg"},
                {"image_url": "base64 of mara-back.jpg"},
            ],
        },
        "tag_list": [{"tag_id": "o_102"}],
        "external_task_id": orders.ATTEMPT,
    }


def test_an_element_with_a_front_alone_goes_to_kling_with_the_front_twice():
    body = kling_body.element_body(
        orders.COAT, catalogue.endpoint("kling-v3-text"), _files(orders.COAT), orders.ATTEMPT
    )
    assert body["element_image_list"] == {
        "frontal_image": "base64 of coat-front.jpg",
        "refer_images": [{"image_url": "base64 of coat-front.jpg"}],
    }
    assert body["tag_list"] == [{"tag_id": "o_105"}]


@pytest.mark.parametrize(("key", "angles"), [("draft-o3-text", 0), ("fal-o3-text", 3), ("kling-o3-text", 3)])
def test_the_best_angles_go_first_and_only_as_many_as_the_route_takes(key: str, angles: int):
    element = orders.mara(orders.ANGLES)
    assert photos(element, catalogue.endpoint(key)) == (element.front, *orders.ANGLES[:angles])


@pytest.mark.parametrize(("key", "fronts"), [("draft-o3-text", 1), ("fal-o3-text", 1), ("kling-o3-text", 2)])
def test_only_kling_wants_a_second_photo(key: str, fronts: int):
    assert photos(orders.COAT, catalogue.endpoint(key)) == (orders.COAT.front,) * fronts


def test_before_anything_is_uploaded_readable_words_stand_for_pictures():
    order = orders.V3_IMAGE
    body = wire.translate(order, catalogue.endpoint("fal-v3-image"), placeholders(order), "")
    assert isinstance(body, dict)
    assert body["image_url"] == "<@ref-harbour>"
    assert body["elements"] == [
        {"frontal_image_url": "<front of @mara>", "reference_image_urls": ["<angle 1 of @mara>"]}
    ]
    body = wire.translate(order, catalogue.endpoint("kling-v3-image"), placeholders(order), "")
    assert isinstance(body, dict)
    assert body["element_list"] == [{"element_id": "<number of @mara@3>"}]


def _files(element) -> Known:
    return orders.known(orders.order("", elements=(element,)), "kling")
