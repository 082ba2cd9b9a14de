"""What providers take, to the pixel and the byte; and every repair really makes a copy that fits."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from elements import fitness
from elements.fitness import FAL, KLING, MEGABYTE, RUNWARE, File
from media import decoder
from tests.media.pictures import noise, saved, speckled

FORMATS = ["image/jpeg", "image/png", "image/webp", "image/avif"]


def file(width: int = 800, height: int = 800, size: int = 500_000, media_type: str = "image/jpeg") -> File:
    return File(media_type, size, width, height)


@pytest.mark.parametrize("limits", fitness.ROUTES)
@pytest.mark.parametrize(
    ("fits", "photo"),
    [
        (True, file(300, 300)),
        (False, file(299, 300)),
        (False, file(300, 299)),
        (True, file(400, 1000)),
        (False, file(399, 1000)),
        (True, file(1000, 400)),
        (False, file(1001, 400)),
        (True, file(size=10 * MEGABYTE)),
        (False, file(size=10 * MEGABYTE + 1)),
    ],
)
def test_limits_hold_exactly(limits: fitness.Limits, fits: bool, photo: File) -> None:
    assert (fitness.misfits(photo, limits) == ()) is fits


@pytest.mark.parametrize(
    ("media_type", "routes"),
    [
        ("image/jpeg", [FAL, RUNWARE, KLING]),
        ("image/png", [FAL, RUNWARE, KLING]),
        ("image/webp", [FAL, RUNWARE]),
        ("image/avif", []),
    ],
)
def test_each_route_takes_its_formats(media_type: str, routes: list[fitness.Limits]) -> None:
    photo = file(media_type=media_type)
    assert [limits for limits in fitness.ROUTES if not fitness.misfits(photo, limits)] == routes


def test_each_thing_that_does_not_fit_has_a_sentence() -> None:
    assert fitness.misfits(file(299, 100, 10 * MEGABYTE + 1, "image/webp"), KLING) == (
        "Kling takes JPEG or PNG, and this is WebP.",
        "Kling takes up to 10 MB, and this has 10,485,761 bytes.",
        "Kling wants 300 px a side, and this has 299 × 100.",
        "Kling takes 0.40 to 2.50 times as wide as high, and this is 2.99.",
    )
    assert fitness.misfits(file(1001, 400), FAL) == (
        "fal takes 0.40 to 2.50 times as wide as high, and this is 1,001 by 400 px.",
    )


def test_the_card_names_routes_that_take_the_same_in_one_line() -> None:
    good = fitness.rows(file(840, 700))
    assert [(row.state, row.text) for row in good] == [
        ("ok", "Fits fal, Runware (JPEG, 1.2:1)"),
        ("ok", "Fits Kling (JPEG, 1.2:1)"),
    ]
    webp = fitness.rows(file(media_type="image/webp"))
    assert [(row.state, row.text, row.fix) for row in webp] == [
        ("ok", "Fits fal, Runware (WebP, 1:1)", ""),
        ("warn", "Kling takes JPEG or PNG, and this is WebP.", "Repair"),
    ]


def test_a_photo_that_would_only_be_blown_up_is_replaced() -> None:
    assert fitness.repair(file(149, 149)) is None
    assert {row.fix for row in fitness.rows(file(149, 149))} == {"Replace"}
    assert fitness.repair(file(150, 150)) is not None


def test_what_fits_needs_no_repair() -> None:
    assert fitness.repair(file()) is None


@given(
    st.integers(150, 16_384),
    st.integers(150, 16_384),
    st.integers(1, 60 * MEGABYTE),
    st.sampled_from(FORMATS),
)
def test_every_repair_fits_every_route(width: int, height: int, size: int, media_type: str) -> None:
    photo = file(width, height, size, media_type)
    recipe = fitness.repair(photo)
    if recipe is None:
        assert not any(fitness.misfits(photo, limits) for limits in fitness.ROUTES)
        return
    made = recipe.canvas or recipe.size or (width, height)
    assert recipe.most_bytes is not None
    repaired = File("image/jpeg", recipe.most_bytes, *made)
    assert not any(fitness.misfits(repaired, limits) for limits in fitness.ROUTES)


@pytest.mark.parametrize(
    "content",
    [
        saved(speckled(400).resize((299, 420))),
        saved(speckled(400).resize((1200, 300)), "WEBP"),
        saved(speckled(400).resize((300, 1800)), "AVIF"),
        saved(Image.new("RGBA", (640, 480), (9, 99, 199, 128)), "WEBP"),
        noise(2200),
    ],
    ids=["299 px", "4:1 WebP", "1:6 AVIF", "see-through WebP", "12 MB PNG"],
)
def test_a_repaired_copy_fits_in_truth(content: bytes, tmp_path: Path) -> None:
    source, target = tmp_path / "source", tmp_path / "target"
    source.write_bytes(content)
    with Image.open(source) as picture:
        photo = file(*picture.size, len(content), f"image/{str(picture.format).lower()}")
    recipe = fitness.repair(photo)
    assert recipe is not None
    decoder.alter(source, target, recipe, "")
    with Image.open(target) as made:
        repaired = file(*made.size, target.stat().st_size, f"image/{str(made.format).lower()}")
    assert not any(fitness.misfits(repaired, limits) for limits in fitness.ROUTES)
