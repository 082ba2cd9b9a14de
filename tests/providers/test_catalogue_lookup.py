"""The catalogue answers which endpoint, which size and which price, in words where it cannot."""

from decimal import Decimal
from math import log

import pytest
from hypothesis import given
from hypothesis import strategies as st

from providers import catalogue

ROWS = catalogue.endpoints()
ROUTES = [route.key for route in catalogue.routes()]
MODELS = [model.key for model in catalogue.models()]

rows = st.sampled_from(ROWS)
sides = st.integers(min_value=1, max_value=20_000)


@pytest.mark.parametrize(
    ("key", "resolution", "pictures", "total"),
    [
        ("fal-v3-text", "1K", 4, "0.112"),
        ("fal-v3-text", "2K", 9, "0.252"),
        ("fal-o3-text", "2K", 4, "0.112"),
        ("fal-o3-text", "4K", 4, "0.224"),
        ("fal-o3-text", "2K", 6, "0.168"),
        ("fal-v3-text", "1K", 80, "2.24"),
    ],
    ids=["concept test", "stills set", "storyboard series", "key art", "character sheet", "shot list"],
)
def test_the_guide_s_cost_examples_come_out(key, resolution, pictures, total):
    assert catalogue.estimate(catalogue.endpoint(key), resolution, pictures) == Decimal(total)


@pytest.mark.parametrize("route", ["fal", "runware", "kling"])
def test_every_paid_route_asks_the_same_for_a_still(route):
    assert [
        catalogue.estimate(catalogue.endpoint(f"{route}-o3-text"), step, 1) for step in ("1K", "2K", "4K")
    ] == [Decimal("0.028"), Decimal("0.028"), Decimal("0.056")]


def test_a_draft_costs_nothing():
    assert catalogue.estimate(catalogue.endpoint("draft-o3-image"), "4K", 9) == 0


def test_v3_has_no_4k_to_price_or_to_size():
    row = catalogue.endpoint("fal-v3-text")
    with pytest.raises(catalogue.NotOffered, match="4K"):
        catalogue.estimate(row, "4K", 1)
    with pytest.raises(catalogue.NotOffered, match="4K in 16:9"):
        catalogue.size(row, "4K", "16:9")


def test_auto_has_no_size_until_a_reference_settles_it():
    row = catalogue.endpoint("draft-o3-image")
    with pytest.raises(catalogue.NotOffered):
        catalogue.size(row, "1K", "auto")
    assert catalogue.size(row, "1K", catalogue.nearest_ratio(row, 3000, 2000)) == (1248, 832)


@pytest.mark.parametrize(
    ("resolution", "ratio", "pixels"),
    [
        ("1K", "16:9", (1360, 768)),
        ("1K", "21:9", (1552, 656)),
        ("2K", "4:3", (2336, 1760)),
        ("2K", "9:16", (1536, 2720)),
        ("4K", "1:1", (4096, 4096)),
        ("4K", "21:9", (6272, 2688)),
    ],
)
def test_sizes_are_the_published_ones(resolution, ratio, pixels):
    assert catalogue.size(catalogue.endpoint("runware-o3-text"), resolution, ratio) == pixels


def test_an_unknown_key_is_named_in_the_error():
    with pytest.raises(catalogue.UnknownEndpoint, match="fal-v9-text") as caught:
        catalogue.endpoint("fal-v9-text")
    assert isinstance(caught.value, LookupError)
    assert not isinstance(caught.value, KeyError)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.key)
def test_a_row_is_found_by_its_key_its_route_and_its_model(row):
    assert catalogue.endpoint(row.key) is row
    assert row in catalogue.endpoints(route=row.route)
    assert row in catalogue.endpoints(model=row.model)
    assert row in catalogue.endpoints(route=row.route, model=row.model)


def test_nothing_is_listed_for_a_stranger():
    assert catalogue.endpoints(route="elsewhere") == ()
    assert catalogue.endpoints(route="fal", model="v2-1") == ()


@pytest.mark.parametrize(
    ("question", "key"),
    [
        (("draft", "v3", 0, False), "draft-v3-text"),
        (("draft", "v3", 1, False), "draft-v3-image"),
        (("draft", "o3", 0, True), "draft-o3-text"),
        (("draft", "o3", 10, True), "draft-o3-image"),
        (("fal", "o1", 1, False), "fal-o1-image"),
        (("runware", "v3", 1, False), "runware-v3-image"),
        (("kling", "o3", 2, True), "kling-o3-image"),
        (("kling", "v2-1", 6, False), "kling-v2-1-multi-image"),
    ],
)
def test_references_choose_the_mode(question, key):
    assert catalogue.find(*question) == catalogue.endpoint(key)
    assert catalogue.why_not(*question) is None


@pytest.mark.parametrize(
    ("question", "sentence"),
    [
        (("runware", "o1", 1, False), "Kling O1 is not offered on Runware."),
        (("elsewhere", "o9", 1, False), "o9 is not offered on elsewhere."),
        (("fal", "o1", 0, False), "Kling O1 on fal.ai needs at least 1 reference."),
        (("draft", "v3", 3, False), "Kling V3 on Draft takes at most 1 reference, not 3."),
        (("fal", "o3", 11, False), "Kling O3 on fal.ai takes at most 10 references, not 11."),
        (("fal", "v3", 0, True), "Kling V3 on fal.ai does not make series."),
        (("runware", "o3", 2, True), "Kling O3 on Runware does not make series."),
        (("kling", "v2-1", 0, True), "Kling 2.1 on Kling needs at least 1 reference."),
    ],
)
def test_a_refusal_is_one_sentence_about_the_first_obstacle(question, sentence):
    assert catalogue.find(*question) is None
    assert catalogue.why_not(*question) == sentence


@pytest.mark.parametrize(
    ("question", "sentence"),
    [
        (
            ("runware", "v3", 0, False, 1),
            "Kling V3 on Runware has no elements. Send them as ordered references instead.",
        ),
        (
            ("kling", "v2-1", 2, False, 1),
            "Kling 2.1 on Kling has no elements. Send them as ordered references instead.",
        ),
        (("fal", "o3", 0, False, 11), "Kling O3 on fal.ai takes at most 10 elements, not 11."),
        (
            ("kling", "o3", 8, True, 3),
            "Kling O3 on Kling takes at most 10 references and elements together, not 11.",
        ),
        (
            ("fal", "v3", 1, False, 10),
            "Kling V3 on fal.ai takes at most 10 references and elements together, not 11.",
        ),
        (("fal", "v3", 2, False, 1), "Kling V3 on fal.ai takes at most 1 reference, not 2."),
    ],
)
def test_elements_count_as_well(question, sentence):
    assert catalogue.find(*question) is None
    assert catalogue.why_not(*question) == sentence


@pytest.mark.parametrize("question", [("fal", "o3", 7, True, 3), ("kling", "v3", 0, False, 10)])
def test_ten_inputs_are_not_too_many(question):
    assert catalogue.find(*question)


@pytest.mark.parametrize(
    ("roles", "sentence"),
    [
        (["subject"] * 5, "Kling 2.1 on Kling takes at most 4 subject references, not 5."),
        (["subject", "scene", "scene"], "Kling 2.1 on Kling takes at most 1 scene reference, not 2."),
        (["scene", "style"], "Kling 2.1 on Kling needs at least 1 subject reference."),
        (
            ["subject", "palette"],
            "Kling 2.1 on Kling has no place for a palette reference: choose subject, scene or style.",
        ),
    ],
)
def test_places_for_roles_are_not_interchangeable(roles, sentence):
    question = ("kling", "v2-1", len(roles), False, 0, roles)
    assert catalogue.find(*question) is None
    assert catalogue.why_not(*question) == sentence


def test_roles_choose_among_places_only_where_there_are_some():
    full = ["style", *["subject"] * 4, "scene"]
    assert catalogue.find("kling", "v2-1", 6, False, roles=full)
    assert catalogue.find("fal", "o3", 2, False, roles=["palette", "lighting"])


@given(
    route=st.sampled_from([*ROUTES, "elsewhere"]),
    model=st.sampled_from([*MODELS, "o9"]),
    references=st.integers(min_value=0, max_value=30),
    series=st.booleans(),
    elements=st.integers(min_value=0, max_value=12),
)
def test_there_is_an_endpoint_or_a_reason_never_both(route, model, references, series, elements):
    row = catalogue.find(route, model, references, series, elements)
    reason = catalogue.why_not(route, model, references, series, elements)
    assert (row is None) == (reason is not None)
    if row:
        assert (row.route, row.model) == (route, model)
        assert row.references_min <= references <= row.references_max
        assert row.series_max or not series
        assert elements <= row.elements_max
        assert row.inputs_max is None or references + elements <= row.inputs_max


@given(route=st.sampled_from(ROUTES), model=st.sampled_from(MODELS), references=st.integers(0, 30))
def test_at_most_one_endpoint_takes_a_number_of_references(route, model, references):
    takers = [
        row
        for row in catalogue.endpoints(route, model)
        if row.references_min <= references <= row.references_max
    ]
    assert len(takers) <= 1


@given(row=rows, width=sides, height=sides)
def test_no_ratio_is_nearer_than_the_nearest(row, width, height):
    def distance(ratio: str) -> float:
        across, down = map(int, ratio.split(":"))
        return abs(log(width / height) - log(across / down))

    chosen = catalogue.nearest_ratio(row, width, height)
    assert chosen != "auto"
    assert chosen in row.ratios
    assert distance(chosen) <= min(distance(ratio) for ratio in row.ratios if ratio != "auto") + 1e-9


@given(row=rows, data=st.data())
def test_a_picture_the_endpoint_made_has_its_own_ratio(row, data):
    (_, ratio), (width, height) = data.draw(st.sampled_from(sorted(row.sizes.items())))
    assert catalogue.nearest_ratio(row, width, height) == ratio


@given(row=rows, data=st.data(), pictures=st.integers(0, 1000))
def test_an_estimate_grows_by_one_price_per_picture(row, data, pictures):
    step = data.draw(st.sampled_from(row.resolutions))
    grown = catalogue.estimate(row, step, pictures + 1) - catalogue.estimate(row, step, pictures)
    assert grown == row.prices[step]


def test_routes_start_with_the_free_one():
    assert [route.key for route in catalogue.routes()] == ["draft", "fal", "runware", "kling"]
    assert [route.paid for route in catalogue.routes()] == [False, True, True, True]
    assert all(route.label and route.note for route in catalogue.routes())


def test_every_model_has_a_line_of_help_and_a_route():
    for model in catalogue.models():
        assert model.description.endswith(".")
        assert catalogue.endpoints(model=model.key)
