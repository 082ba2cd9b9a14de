"""Reordering, adding and removing what is attached never changes which picture a name resolves to.

The body is read back as a provider reads it: mark n is entry n of its list.
"""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from providers import catalogue, wire
from providers.base import ElementFile, Order, ReferenceFile
from providers.known import Known, marked
from tests.providers.orders import ATTEMPT, order

KINDS = ["character", "object", "product", "costume", "place", "style"]
ROWS = [row for row in catalogue.endpoints() if row.remote]
NAMES = ["mara", "jun", "red-coat", "a", "a1", "a-1", "marathon", "b2", "boat", "x", "y9", "zoe"]


@dataclass(frozen=True, slots=True)
class Two:
    """Two orders with one prompt; both have what it mentions, each in an order and company of its own."""

    row: catalogue.Endpoint
    first: Order
    second: Order


def reference(name: str, role: str) -> ReferenceFile:
    return ReferenceFile(Path(f"{name}.jpg"), role, f"ref-{name}")


def element(name: str, kind: str) -> ElementFile:
    return ElementFile(
        name, f"{name}@2", kind, name, "", Path(f"{name}-front.jpg"), (Path(f"{name}-side.jpg"),)
    )


def attachable(row: catalogue.Endpoint) -> tuple[list[ReferenceFile], list[ElementFile]]:
    """As many references and elements as the tests give this endpoint; Runware gets elements as agreed."""
    roles = [slot.role for slot in row.slots for _ in range(slot.most)] or ["palette"] * 5
    references = [reference(name, role) for name, role in zip(NAMES, roles, strict=False)]
    with_elements = row.elements_max or (row.route == "runware" and row.references_max > 1)
    elements = [element(name, kind) for name, kind in zip(NAMES, KINDS[:4], strict=False)]
    return references[: row.references_max], elements if with_elements else []


@st.composite
def two_orders(draw: st.DrawFn) -> Two:
    row = draw(st.sampled_from(ROWS))
    given_references, given_elements = attachable(row)
    references, elements = draw(st.permutations(given_references)), draw(st.permutations(given_elements))
    fewest = len(references) if row.slots else row.references_min
    kept, cast = draw(st.integers(fewest, len(references))), draw(st.integers(0, len(elements)))
    names = [item.name for item in references[:kept]] + [item.name for item in elements[:cast]]
    mentioned = draw(st.lists(st.sampled_from([f"@{name}" for name in names] or ["nobody"]), max_size=8))

    def attached() -> Order:
        more, others = draw(st.integers(kept, len(references))), draw(st.integers(cast, len(elements)))
        return order(
            " near ".join(mentioned),
            resolution="1K",
            references=tuple(draw(st.permutations(references[:more]))),
            elements=tuple(draw(st.permutations(elements[:others]))),
        )

    return Two(row, attached(), attached())


def known(asked: Order) -> Known:
    files = {item.path: f"file {item.path}" for item in asked.references}
    for item in asked.elements:
        files |= {path: f"file {path}" for path in (item.front, *item.angles)}
    numbers = {item.version: 10**17 + NAMES.index(item.name) for item in asked.elements}
    return Known(files, numbers)


def pictures(asked: Order, row: catalogue.Endpoint) -> list[str]:
    """The pictures that the body's prompt points at, in the order of the text."""
    body: Any = wire.translate(asked, row, known(asked), ATTEMPT)
    return READERS[row.route](body)


def read_fal(body: Any) -> list[str]:
    def picture(mark: re.Match[str]) -> Any:
        if mark["element"]:
            return body["elements"][int(mark["element"]) - 1]["frontal_image_url"]
        return body["image_urls"][int(mark["image"]) - 1] if mark["image"] else body["image_url"]

    marks = r"@Image(?P<image>\d+)|@Element(?P<element>\d+)|the source image"
    return [picture(mark) for mark in re.finditer(marks, body["prompt"])]


def read_runware(body: Any) -> list[str]:
    (task,) = body
    numbers = re.findall(r"image (\d+)", task["positivePrompt"])
    return [task["inputs"]["referenceImages"][int(number) - 1] for number in numbers]


def read_kling(body: Any) -> list[str]:
    def picture(mark: re.Match[str]) -> Any:
        if mark["element"]:
            number = body["element_list"][int(mark["element"]) - 1]["element_id"]
            return f"file {NAMES[number - 10**17]}-front.jpg"
        if mark["subject"]:
            return body["subject_image_list"][int(mark["subject"]) - 1]["subject_image"]
        if mark["place"]:
            return body[f"{mark['place']}_image"]
        return body["image_list"][int(mark["image"]) - 1]["image"] if mark["image"] else body["image"]

    marks = (
        r"<<<image_(?P<image>\d+)>>>|<<<element_(?P<element>\d+)>>>|the source image"
        r"|the subject image (?P<subject>\d+)|the (?P<place>scene|style) image"
    )
    return [picture(mark) for mark in re.finditer(marks, body.get("prompt", ""))]


READERS = {"fal": read_fal, "runware": read_runware, "kling": read_kling}


@given(two_orders())
def test_a_name_means_its_picture_in_any_order_and_company(two: Two):
    meant = {f"@{item.name}": f"file {item.path}" for item in two.first.references}
    meant |= {f"@{item.name}": f"file {item.front}" for item in two.first.elements}
    expected = [meant[name] for name in two.first.prompt.split(" near ") if name in meant]
    assert pictures(two.first, two.row) == pictures(two.second, two.row) == expected


@given(st.text(max_size=60), st.sampled_from(ROWS))
def test_words_without_mentions_arrive_to_the_letter(text: str, row: catalogue.Endpoint):
    words = text.replace("@", "")
    assert wire.prompt(order(words), row) == words


@pytest.mark.parametrize("text", ["@Stranger and @NIKE", "a@mara.com", "@@mara", "@mara_2"])
def test_what_mentions_nothing_attached_stays_as_typed(text: str):
    assert marked(text, {"mara": "@Element1"}) == text


def test_the_limit_of_characters_counts_the_prompt_as_it_is_sent():
    asked = order("@a", elements=(element("a", "place"),))
    assert wire.prompt(asked, catalogue.endpoint("kling-o3-text")) == "<<<element_1>>>"
