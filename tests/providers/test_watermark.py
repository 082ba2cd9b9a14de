"""A copy with a watermark is asked for only where the endpoint makes one, and read from the answers."""

from dataclasses import replace

import pytest

from providers import catalogue, kling_answers, wire
from providers.catalogue import Endpoint
from providers.kling_answers import Told
from tests.providers import orders
from tests.providers.test_golden import ORDERS, golden, question

ADDRESS = "https://a.klingai.com/"
KLINGS_OWN = {row.key for row in catalogue.endpoints("kling")}


def written(name: str, route: str, watermark: bool) -> tuple[Endpoint, object] | None:
    """The endpoint and its body of a golden order; None where the route has none for it."""
    model, order = ORDERS[name]
    row = catalogue.find(route, model, **question(order))
    asked = replace(order, watermark=watermark)
    return (
        None if row is None else (row, wire.translate(asked, row, orders.known(order, route), orders.ATTEMPT))
    )


def test_klings_own_endpoints_make_such_copies_and_no_others():
    assert {row.key for row in catalogue.endpoints() if row.watermark} == KLINGS_OWN


@pytest.mark.parametrize("name", ORDERS)
def test_the_body_for_kling_asks_for_it_in_one_field_more(name: str):
    found = written(name, "kling", watermark=True)
    if found is None:
        return  # the golden bodies check that it is refused
    row, body = found
    assert body == {**golden(name)["bodies"][row.key], "watermark_info": {"enabled": True}}


@pytest.mark.parametrize("route", ["fal", "runware"])
@pytest.mark.parametrize("name", ORDERS)
def test_elsewhere_the_body_stays_as_it_is(name: str, route: str):
    found = written(name, route, watermark=True)
    if found is not None:
        assert found[1] == golden(name)["bodies"][found[0].key]


def pictures(images: list[dict[str, object]]) -> list[tuple[str, str]]:
    task = {"task_id": "t-1", "task_status": "succeed", "task_result": {"images": images}}
    progress = kling_answers.progress(Told(0, "", "q-1", task, None))
    assert progress is not None
    return [(one.url.removeprefix(ADDRESS), one.twin.removeprefix(ADDRESS)) for one in progress.pictures]


def test_each_picture_comes_with_its_own_copy_whatever_the_order():
    images = [
        {"index": 1, "url": f"{ADDRESS}1", "watermark_url": f"{ADDRESS}w1"},
        {"index": 0, "url": f"{ADDRESS}0", "watermark_url": f"{ADDRESS}w0"},
        {"index": 2, "url": f"{ADDRESS}2"},
    ]
    assert pictures(images) == [("0", "w0"), ("1", "w1"), ("2", "")]


@pytest.mark.parametrize("odd", [None, 7, [], "", "no address", "file:///etc/passwd", "javascript:1"])
def test_an_odd_address_of_a_copy_costs_the_copy_alone(odd: object):
    assert pictures([{"index": 0, "url": f"{ADDRESS}0", "watermark_url": odd}]) == [("0", "")]
