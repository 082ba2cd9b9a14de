"""The catalogue and the sandbox were written down apart: they differ only where a reason is given."""

import json
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from providers import catalogue, wire
from providers.base import Order
from providers.catalogue import Endpoint
from providers.known import Known
from sandbox import sizes
from sandbox.fal import models as fal
from sandbox.kling import elements as kling_elements
from sandbox.kling import models as kling
from sandbox.runware import models as runware
from tests.providers import orders
from tests.providers.test_golden import ORDERS, question
from tests.sandbox.conftest import Sandbox, as_base64, picture
from tests.sandbox.test_kling import make_element

Facts = dict[str, object]
USD = 1_000_000
PAID = [row for row in catalogue.endpoints() if row.route != "draft"]

KLINGS_CAP = (
    "fal states no cap for V3 and O3; the catalogue holds back at Kling's own, which may bill a refusal"
)
NO_CAP = "Runware states no cap on references; the catalogue keeps Kling's own for the model"
LESS = "from text alone the model is another row of the catalogue, whose orders have no references"
MORE = "the schema asks for no picture; the catalogue's row is for orders that have one"

# (endpoint, fact): what the sandbox has, and why the catalogue has something else.
DIFFERENCES: dict[tuple[str, str], tuple[object, str]] = {
    **{
        (key, fact): (None, KLINGS_CAP)
        for key in ("fal-v3-text", "fal-v3-image", "fal-o3-text", "fal-o3-image")
        for fact in ("elements_max", "inputs_max")
    },
    ("fal-o1-image", "elements_max"): (None, "fal caps elements and pictures together, which says the same"),
    ("runware-v3-text", "references"): ((0, None), LESS),
    ("runware-o3-text", "references"): ((0, None), LESS),
    ("runware-v3-image", "references"): ((0, None), NO_CAP),
    ("runware-o3-image", "references"): ((0, None), NO_CAP),
    ("kling-v3-text", "references"): ((0, 1), LESS),
    ("kling-v3-image", "references"): ((0, 1), MORE),
    ("kling-v3-image", "negative_prompt"): (True, "the field is refused beside a picture, not by the model"),
    ("kling-o3-text", "references"): ((0, 10), LESS),
    ("kling-o3-image", "references"): ((0, 10), MORE),
    ("kling-o3-text", "ratios"): ({*kling.AUTO}, "auto is in the enumeration and refused without a picture"),
    ("kling-o3-text", "ratio_default"): ("auto", "Kling's default is refused without a picture"),
}


def stated(row: Endpoint) -> Facts:
    """What the catalogue says, in the words this test compares."""
    return {
        "prompt_limit": row.prompt_limit,
        "prompt_required": row.prompt_required,
        "negative_prompt": row.negative_prompt,
        "references": (row.references_min, row.references_max),
        "elements_max": row.elements_max,
        "angles": (row.angles_min, row.angles_max) if row.elements_max else (0, 0),
        "inputs_max": row.inputs_max,
        "resolutions": set(row.resolutions),
        "ratios": set(row.ratios),
        "ratio_default": row.ratio_default,
        "counts_max": row.counts_max,
        "series": (row.series_min, row.series_max, row.series_auto),
        "formats": set(row.formats),
        "format_default": row.formats[0] if row.formats else "",
        "sizes": dict(row.sizes),
        "prices": {name: int(price * USD) for name, price in row.prices.items()},
        "watermark": row.watermark,
    }


def pixels(resolutions: tuple[str, ...]) -> dict[tuple[str, str], tuple[int, int]]:
    return {(name, ratio): sizes.size(name, ratio) for name in resolutions for ratio in sizes.RATIOS}


def of_fal(row: Endpoint) -> Facts:
    model = fal.MODELS[row.remote]
    assert row.path == f"/{model.id}"
    return {
        "prompt_limit": fal.PROMPT_MAX,
        "prompt_required": True,
        "negative_prompt": model.negative_prompt,
        "references": (1 if model.images else 0, model.images_max),
        "elements_max": None,
        "angles": (0, fal.REFERENCES_OF_ELEMENT),
        "inputs_max": model.inputs_max,
        "resolutions": set(model.resolutions),
        "ratios": set(model.ratios),
        "ratio_default": model.ratio_default,
        "counts_max": fal.NUM_IMAGES_MAX,
        "series": (*fal.SERIES, False) if model.series else (0, 0, False),
        "formats": set(fal.FORMATS),
        "format_default": "png",
        "sizes": pixels(model.resolutions),
        "prices": {name: fal.price(name) for name in model.resolutions},
        "watermark": "watermark_info" in model.fields(),
    }


def of_runware(row: Endpoint) -> Facts:
    model = runware.MODELS[row.remote]
    assert row.path == "/v1"
    follows = model.follows and row.references_min > 0
    return {
        "prompt_limit": runware.PROMPT_MAX,
        "prompt_required": True,
        "negative_prompt": "negativePrompt" in runware.FIELDS,
        "references": (0, None),
        "elements_max": 0,
        "angles": (0, 0),
        "inputs_max": None,
        "resolutions": set(model.resolutions),
        "ratios": {*sizes.RATIOS, "auto"} if follows else {*sizes.RATIOS},
        "ratio_default": "auto" if follows else "16:9",
        "counts_max": runware.RESULTS_MAX,
        "series": (0, 0, False),
        "formats": set(runware.OUTPUT_FORMATS.values()),
        "format_default": next(iter(runware.OUTPUT_FORMATS.values())),
        "sizes": pixels(model.resolutions),
        "prices": {name: runware.price(name) for name in model.resolutions},
        "watermark": "watermark_info" in runware.FIELDS,
    }


def of_kling(row: Endpoint) -> Facts:
    model = kling.MODELS[row.path, row.remote]
    names = tuple(name.upper() for name in model.resolutions)
    is_multi = model.path == kling.MULTI
    has_image = row.references_min > 0
    return {
        "prompt_limit": kling.PROMPT_MAX,
        "prompt_required": not is_multi,
        "negative_prompt": model.negative_prompt,
        "references": (1 if is_multi else 0, model.images_max),
        "elements_max": kling.INPUTS_MAX if model.elements else 0,
        "angles": kling_elements.OTHERS if model.elements else (0, 0),
        "inputs_max": None if is_multi else kling.INPUTS_MAX,
        "resolutions": set(names),
        "ratios": set(model.ratios),
        "ratio_default": model.ratio_default,
        "counts_max": kling.N_MAX,
        "series": (*kling.SERIES, True) if model.series else (0, 0, False),
        "formats": set(),
        "format_default": "",
        "sizes": pixels(names),
        "prices": {
            name.upper(): model.units(name, has_image=has_image) * kling.UNIT for name in model.resolutions
        },
        "watermark": "watermark_info" in kling.FIELDS[model.path],
    }


TRANSCRIBED = {"fal": of_fal, "runware": of_runware, "kling": of_kling}


@pytest.mark.parametrize("row", PAID, ids=lambda row: row.key)
def test_they_differ_only_where_the_table_says_so(row: Endpoint):
    theirs, ours = TRANSCRIBED[row.route](row), stated(row)
    assert theirs.keys() == ours.keys()
    found = {(row.key, fact): theirs[fact] for fact in ours if theirs[fact] != ours[fact]}
    explained = {entry: value for entry, (value, _) in DIFFERENCES.items() if entry[0] == row.key}
    assert found == explained


def test_the_sandbox_offers_no_model_that_the_catalogue_leaves_out_without_a_reason():
    known = {row.remote for row in PAID} | {f"{row.path} {row.remote}" for row in PAID}
    offered = {*fal.MODELS, *runware.MODELS, *(f"{path} {name}" for path, name in kling.MODELS)}
    assert offered - known == {
        "klingai:kling-image@o1",  # V3's price and limits, with fewer sizes of O3: nothing that it adds
        "/v1/images/omni-image kling-image-o1",  # likewise; the catalogue has O1 on fal alone
        "/v1/images/generations kling-v2-1",  # older than V3; the catalogue has it for its places only
    }


def test_a_slot_of_the_catalogue_is_a_field_of_the_sandbox():
    (row,) = [row for row in PAID if row.slots]
    assert [(slot.role, slot.least, slot.most) for slot in row.slots] == [
        ("subject", 1, kling.SUBJECTS_MAX),
        ("scene", 0, 1),
        ("style", 0, 1),
    ]


def sendable(box: Sandbox, asked: Order, route: str, attempt: str) -> Known:
    """The pictures of an order, brought to the vendor in the way it takes them."""
    paths = [reference.path for reference in asked.references]
    for element in asked.elements:
        paths += [element.front, *element.angles]
    photo = picture(900, 700, "JPEG")
    words = {
        "fal": lambda: box.fal_upload(photo, "photo.jpg", "image/jpeg"),
        "runware": lambda: f"data:image/jpeg;base64,{as_base64(photo)}",
        "kling": lambda: as_base64(photo),
    }
    numbers: dict[str, int | str] = {}
    if route == "kling":
        numbers = {entry.version: make_element(box)["element_id"] for entry in asked.elements}
    return Known({path: words[route]() for path in paths}, numbers)


def sent(box: Sandbox, row: Endpoint, body: Any) -> None:
    if row.route == "fal":
        answer = box.fal("POST", f"queue{row.path}", json=body)
        box.fal_ended(answer.json())
    elif row.route == "runware":
        answer = box.runware(*body)
        box.runware_results(body[0]["taskUUID"])
    else:
        answer = box.kling("POST", row.path, json=body)
        box.kling_ended(answer.json()["data"]["task_id"], row.path)
    assert answer.status_code == 200, answer.text


@pytest.mark.parametrize("route", TRANSCRIBED)
@pytest.mark.parametrize("name", ORDERS)
def test_what_the_studio_writes_is_understood_to_the_last_field(box: Sandbox, name: str, route: str):
    model, order = ORDERS[name]
    row = catalogue.find(route, model, **question(order))
    if row is None:
        return  # the catalogue says why, and the golden bodies check that
    order = replace(order, count=min(order.count, 3))  # fewer pictures to make
    body = wire.translate(order, row, sendable(box, order, route, orders.ATTEMPT), orders.ATTEMPT)
    sent(box, row, json.loads(json.dumps(body)))
    (line,) = box.bill()
    price = catalogue.estimate(row, order.resolution, order.count)
    assert (line["ignored"], line["outcome"]) == ([], "done")
    assert (Decimal(line["quoted"]) / USD, Decimal(line["charged"]) / USD) == (price, price)


def test_the_sandbox_reads_nothing_of_the_catalogue():
    for path in Path(fal.__file__).parent.parent.rglob("*.py"):
        assert "providers" not in path.read_text().replace("of `providers`", ""), path.name
