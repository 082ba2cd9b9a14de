"""Every row of the catalogue agrees with itself and with the vendors' pages."""

from dataclasses import FrozenInstanceError
from datetime import date
from decimal import Decimal

import pytest

from providers import catalogue
from providers.catalogue import Endpoint

ROWS = catalogue.endpoints()
EIGHT_RATIOS = {"16:9", "9:16", "1:1", "4:3", "3:4", "3:2", "2:3", "21:9"}
DRAFT_AND_FAL = [
    ("draft-v3-text", "fal-v3-text"),
    ("draft-v3-image", "fal-v3-image"),
    ("draft-o3-text", "fal-o3-text"),
    ("draft-o3-image", "fal-o3-image"),
]

every_row = pytest.mark.parametrize("row", ROWS, ids=lambda row: row.key)


def keys_of(rows: tuple[Endpoint, ...]) -> set[str]:
    return {row.key for row in rows}


def keys_where(condition) -> set[str]:
    return {row.key for row in ROWS if condition(row)}


def test_the_catalogue_lists_these_endpoints_and_no_key_twice():
    assert sorted(row.key for row in ROWS) == [
        "draft-o3-image",
        "draft-o3-text",
        "draft-v3-image",
        "draft-v3-text",
        "fal-o1-image",
        "fal-o3-image",
        "fal-o3-text",
        "fal-v3-image",
        "fal-v3-text",
        "kling-o3-image",
        "kling-o3-text",
        "kling-v2-1-multi-image",
        "kling-v3-image",
        "kling-v3-text",
        "runware-o3-image",
        "runware-o3-text",
        "runware-v3-image",
        "runware-v3-text",
    ]


@every_row
def test_a_key_says_route_model_and_mode(row):
    assert row.key == f"{row.route}-{row.model}-{row.mode}"
    assert row.route in {route.key for route in catalogue.routes()}
    assert row.model in {model.key for model in catalogue.models()}
    assert row.mode in {"text", "image", "multi-image"}


@every_row
def test_each_resolution_and_ratio_has_its_pixels(row):
    assert set(row.ratios) - {"auto"} == EIGHT_RATIOS
    assert set(row.sizes) == {(step, ratio) for step in row.resolutions for ratio in EIGHT_RATIOS}


@every_row
def test_pixels_keep_to_their_ratio_and_resolution(row):
    long_side = {"1K": 1024, "2K": 2048, "4K": 4096}
    for (step, ratio), (width, height) in row.sizes.items():
        across, down = map(int, ratio.split(":"))
        assert width / height == pytest.approx(across / down, rel=0.02)
        assert width * height == pytest.approx(long_side[step] ** 2, rel=0.04)
        assert width % 8 == height % 8 == 0


@every_row
def test_each_resolution_has_a_price_in_whole_micro_dollars(row):
    assert set(row.prices) == set(row.resolutions)
    for price in row.prices.values():
        assert price >= 0
        assert price * 1_000_000 == int(price * 1_000_000)


@every_row
def test_defaults_are_among_the_choices(row):
    assert row.resolution_default in row.resolutions
    assert row.ratio_default in row.ratios
    assert len(set(row.resolutions)) == len(row.resolutions) > 0
    assert len(set(row.ratios)) == len(row.ratios) > 0
    assert set(row.resolutions) <= {"1K", "2K", "4K"}
    assert set(row.formats) <= {"png", "jpeg", "webp"}


@every_row
def test_limits_do_not_contradict_each_other(row):
    assert 0 <= row.references_min <= row.references_max
    assert row.counts_max >= 1
    assert (
        row.series_min == row.series_max == 0 and not row.series_auto
    ) or 2 <= row.series_min <= row.series_max
    assert row.inputs_max is None or max(row.references_max, row.elements_max) <= row.inputs_max
    assert row.prompt_limit == 2500


@every_row
def test_a_mode_says_whether_there_are_references(row):
    assert (row.mode == "text") == (row.references_max == 0)
    assert (row.mode == "text") == (row.references_min == 0)
    assert row.mode != "text" or "auto" not in row.ratios


@every_row
def test_slots_add_up_to_the_references(row):
    if row.slots:
        assert sum(slot.least for slot in row.slots) == row.references_min
        assert sum(slot.most for slot in row.slots) == row.references_max


@every_row
def test_facts_name_their_source_and_day(row):
    assert row.source
    assert row.checked == (date(2026, 9, 20) if row.route == "kling" else date(2026, 11, 20))


@every_row
def test_only_a_paid_route_has_a_remote_model_and_a_price(row):
    route = next(route for route in catalogue.routes() if route.key == row.route)
    assert bool(row.remote) == bool(row.path) == route.paid == route.needs_key
    assert all((price > 0) == route.paid for price in row.prices.values())


@pytest.mark.parametrize(("draft_key", "fal_key"), DRAFT_AND_FAL)
def test_draft_has_fal_s_limits(draft_key, fal_key):
    free, paid = catalogue.endpoint(draft_key), catalogue.endpoint(fal_key)
    own = {"key", "route", "remote", "path", "prices", "source", "angles_max"}
    for name in set(Endpoint.__slots__) - own:
        assert getattr(free, name) == getattr(paid, name), name


@pytest.mark.parametrize(
    ("key", "angles"),
    [
        ("draft-v3-text", (0, 0)),
        ("draft-o3-image", (0, 0)),
        ("fal-v3-text", (0, 3)),
        ("fal-v3-image", (0, 3)),
        ("fal-o3-image", (0, 3)),
        ("fal-o1-image", (0, 3)),
        ("kling-v3-text", (1, 3)),
        ("kling-o3-image", (1, 3)),
    ],
)
def test_beside_its_front_an_element_sends_this_many_angles(key, angles):
    row = catalogue.endpoint(key)
    assert (row.angles_min, row.angles_max) == angles


def test_where_there_are_no_elements_there_are_no_angles():
    assert all(row.elements_max for row in ROWS if row.angles_max)
    assert all(row.angles_min <= row.angles_max for row in ROWS)


def test_draft_offers_v3_and_o3_and_nothing_else():
    assert keys_of(catalogue.endpoints(route="draft")) == {draft for draft, _ in DRAFT_AND_FAL}


def test_rows_cannot_be_changed():
    row = catalogue.endpoint("fal-o3-image")
    with pytest.raises(FrozenInstanceError):
        row.counts_max = 99  # type: ignore[misc]
    with pytest.raises(TypeError):
        row.prices["1K"] = Decimal(0)  # type: ignore[index]
    assert len({*ROWS, *ROWS}) == len(ROWS)


def test_a_negative_prompt_goes_only_where_the_vendor_takes_one():
    assert keys_where(lambda row: row.negative_prompt) == {"draft-v3-text", "fal-v3-text", "kling-v3-text"}


def test_4k_is_for_o3_alone():
    assert keys_where(lambda row: "4K" in row.resolutions) == keys_of(catalogue.endpoints(model="o3"))


def test_series_are_for_o3_but_not_on_runware():
    with_series = keys_of(catalogue.endpoints(model="o3")) - keys_of(catalogue.endpoints(route="runware"))
    assert keys_where(lambda row: row.series_max) == with_series
    assert keys_where(lambda row: row.series_auto) == {"kling-o3-text", "kling-o3-image"}
    assert {(row.series_min, row.series_max) for row in ROWS if row.series_max} == {(2, 9)}


def test_auto_ratio_needs_a_reference_and_a_model_that_follows_it():
    assert keys_where(lambda row: row.ratio_default == "auto") == {
        "draft-o3-image",
        "fal-o1-image",
        "fal-o3-image",
        "kling-o3-image",
        "runware-v3-image",
    }
    assert keys_where(lambda row: row.ratio_default not in {"auto", "16:9"}) == set()


def test_runware_makes_twenty_at_once_without_elements():
    for row in catalogue.endpoints(route="runware"):
        assert row.counts_max == 20
        assert row.elements_max == 0
        assert row.formats == ("jpeg", "png", "webp")
    assert {row.counts_max for row in ROWS if row.route != "runware"} == {9}


def test_only_kling_decides_the_format_itself():
    assert keys_where(lambda row: not row.formats) == keys_of(catalogue.endpoints(route="kling"))
    assert {row.formats[0] for row in ROWS if row.route in {"draft", "fal"}} == {"png"}


def test_multi_image_takes_subjects_a_scene_and_a_style_and_may_go_without_words():
    row = catalogue.endpoint("kling-v2-1-multi-image")
    assert [(slot.role, slot.least, slot.most) for slot in row.slots] == [
        ("subject", 1, 4),
        ("scene", 0, 1),
        ("style", 0, 1),
    ]
    assert (row.resolutions, row.prices["1K"]) == (("1K",), Decimal("0.056"))
    assert keys_where(lambda other: not other.prompt_required) == {row.key}


@pytest.mark.parametrize(
    ("key", "remote", "path"),
    [
        ("fal-v3-text", "fal-ai/kling-image/v3/text-to-image", "/fal-ai/kling-image/v3/text-to-image"),
        ("fal-v3-image", "fal-ai/kling-image/v3/image-to-image", "/fal-ai/kling-image/v3/image-to-image"),
        ("fal-o3-text", "fal-ai/kling-image/o3/text-to-image", "/fal-ai/kling-image/o3/text-to-image"),
        ("fal-o3-image", "fal-ai/kling-image/o3/image-to-image", "/fal-ai/kling-image/o3/image-to-image"),
        ("fal-o1-image", "fal-ai/kling-image/o1", "/fal-ai/kling-image/o1"),
        ("runware-v3-text", "klingai:kling-image@3", "/v1"),
        ("runware-v3-image", "klingai:kling-image@3", "/v1"),
        ("runware-o3-text", "klingai:kling-image@o3", "/v1"),
        ("runware-o3-image", "klingai:kling-image@o3", "/v1"),
        ("kling-v3-text", "kling-v3", "/v1/images/generations"),
        ("kling-v3-image", "kling-v3", "/v1/images/generations"),
        ("kling-o3-text", "kling-v3-omni", "/v1/images/omni-image"),
        ("kling-o3-image", "kling-v3-omni", "/v1/images/omni-image"),
        ("kling-v2-1-multi-image", "kling-v2-1", "/v1/images/multi-image2image"),
    ],
)
def test_an_endpoint_has_the_vendor_s_name_and_address(key, remote, path):
    row = catalogue.endpoint(key)
    assert (row.remote, row.path) == (remote, path)
