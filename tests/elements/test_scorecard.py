"""Score cards: each damage shows on a damaged copy of a real photo, and clean photos are not accused."""

from dataclasses import replace
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageDraw, ImageEnhance, ImageFilter

from elements.models import Angle, Kind
from elements.scorecard import Facts, Finding, findings, practice, score
from media import decoder
from media.facts import Box, Measures, Part
from tests.media.pictures import saved

PHOTOS = Path(__file__).resolve().parents[2] / "studio" / "sample_data"
FACES: dict[str, Box] = {
    "astronaut": (0.33, 0.10, 0.20, 0.27),
    "laboratory": (0.305, 0.215, 0.125, 0.19),
    "bartender": (0.468, 0.25, 0.08, 0.16),
}
THINGS = ("coffee", "dunes")


@cache
def photo(name: str) -> Image.Image:
    with Image.open(PHOTOS / f"{name}.jpg") as picture:
        return picture.convert("RGB")


def measured(picture: Image.Image, face: Box | None) -> Measures:
    with TemporaryDirectory() as folder:
        source = Path(folder) / "photo"
        source.write_bytes(saved(picture))
        return decoder.measure(source, face)


def seen(picture: Image.Image, name: str) -> Facts:
    """The facts of a photo whose face is marked, if it has one."""
    face = FACES.get(name)
    kind = Kind.CHARACTER if face else Kind.OBJECT
    return Facts(kind, Angle.FRONT, measured(picture, face), face, people=1, expression="neutral")


def said(facts: Facts, state: str = "") -> list[str]:
    return [finding.text for finding in findings(facts) if state in ("", finding.state)]


def blurred(picture: Image.Image) -> Image.Image:
    return picture.filter(ImageFilter.GaussianBlur(max(picture.size) / 400))


def busy(picture: Image.Image, face: Box) -> Image.Image:
    """A wall of little tiles behind the head and the shoulders."""
    wall = Image.new("RGB", picture.size, "white")
    pen = ImageDraw.Draw(wall)
    for x in range(0, wall.width, 16):
        for y in range(0, wall.height, 16):
            pen.rectangle((x, y, x + 8, y + 8), fill=(40, x % 200, y % 200))
    left, top, wide, tall = (round(part * picture.size[at % 2]) for at, part in enumerate(face))
    person = (max(0, left - wide), max(0, top - tall // 3), left + 2 * wide, wall.height)
    wall.paste(picture.crop(person), person[:2])
    return wall


@pytest.mark.parametrize("name", [*FACES, *THINGS])
def test_a_clean_photo_is_sharp_and_well_exposed(name: str) -> None:
    assert "Sharp, well exposed" in said(seen(photo(name), name), "ok")


@pytest.mark.parametrize("name", [*FACES, *THINGS])
def test_a_blurred_copy_is_called_soft_or_blurred(name: str) -> None:
    found = findings(seen(blurred(photo(name)), name))
    faults = [finding for finding in found if finding.check == "focus"]
    assert [(fault.state in ("warn", "bad"), fault.fix) for fault in faults] == [(True, "Replace")]
    assert score(found) < score(findings(seen(photo(name), name)))


@pytest.mark.parametrize("name", [*FACES, *THINGS])
def test_a_dark_copy_is_called_dark(name: str) -> None:
    assert "Far too dark" in said(seen(ImageEnhance.Brightness(photo(name)).enhance(0.2), name), "bad")


@pytest.mark.parametrize("name", FACES)
def test_a_blown_out_copy_is_called_so(name: str) -> None:
    bright = said(seen(ImageEnhance.Brightness(photo(name)).enhance(3.0), name), "bad")
    assert any(text.startswith("Blown out: ") for text in bright)


@pytest.mark.parametrize("name", FACES)
def test_a_copy_without_contrast_is_called_flat(name: str) -> None:
    flat = ImageEnhance.Contrast(photo(name)).enhance(0.1)
    assert "Hardly any contrast" in said(seen(flat, name), "warn")


@pytest.mark.parametrize("name", [*FACES, *THINGS])
def test_a_tiny_copy_is_below_what_providers_take(name: str) -> None:
    tiny = photo(name).resize((299, 420))
    assert "299 × 420 px, below every provider's 300" in said(seen(tiny, name), "bad")


def test_a_calm_background_is_told_from_a_busy_one() -> None:
    clean, face = photo("astronaut"), FACES["astronaut"]
    assert "Calm background" in said(seen(clean, "astronaut"), "ok")
    crowded = findings(seen(busy(clean, face), "astronaut"))
    fault = next(finding for finding in crowded if finding.check == "background")
    assert (fault.state, fault.text, fault.fix) == ("warn", "Busy background", "Soften")
    assert "Busy background" in said(seen(photo("laboratory"), "laboratory"), "warn")
    assert "Busy background" in said(seen(photo("bartender"), "bartender"), "warn")


CLEAN = Part(2400, 3000, 0.3, 130.0, 50.0, 0.01, 0.01)
MEASURES = Measures(whole=CLEAN, subject=replace(CLEAN, width=1100, height=1200), background=0.05, turned=1)
FACTS = Facts(Kind.CHARACTER, Angle.FRONT, MEASURES, (0.3, 0.3, 0.4, 0.4), 1, "neutral")


def of_size(width: int, height: int) -> Facts:
    return replace(FACTS, measures=replace(MEASURES, whole=replace(CLEAN, width=width, height=height)))


def test_a_perfect_photo_has_a_hundred_points_and_no_button() -> None:
    assert score(findings(FACTS)) == 100
    assert said(FACTS) == [
        "2,400 × 3,000 px, above every provider's 300",
        "At least 1,024 px: holds at 4K",
        "Sharp, well exposed",
        "One person",
        "Face of 1,100 × 1,200 px, enough for clips",
        "Neutral expression",
        "Calm background",
    ]
    assert not any(finding.fix for finding in findings(FACTS))


@pytest.mark.parametrize(
    ("size", "states"),
    [
        ((299, 2000), {"bad", "warn"}),
        ((300, 2000), {"ok", "warn"}),
        ((1023, 1024), {"ok", "warn"}),
        ((1024, 1024), {"ok"}),
    ],
)
def test_sizes_are_judged_to_the_pixel(size: tuple[int, int], states: set[str]) -> None:
    found = [finding for finding in findings(of_size(*size)) if finding.check == "size"]
    assert {finding.state for finding in found} == states
    assert all(finding.fix == "Replace" for finding in found if finding.state != "ok")


def test_several_people_need_a_marked_face() -> None:
    unmarked = findings(replace(FACTS, people=2, face=None))
    assert (
        Finding("people", "bad", "Two people in the photo: nobody knows which is meant", "Mark", 40)
        in unmarked
    )
    assert Finding("people", "warn", "Two people in the photo", "Crop", 10) in findings(
        replace(FACTS, people=2)
    )


def test_what_nobody_said_yet_is_asked_for() -> None:
    fresh = findings(replace(FACTS, people=None, face=None, expression=""))
    assert {finding.check for finding in fresh if finding.fix == "Mark"} == {"people", "face", "expression"}


def test_a_back_has_no_face_and_a_thing_has_no_people() -> None:
    for facts in (replace(FACTS, angle=Angle.BACK, face=None), replace(FACTS, kind=Kind.PRODUCT, face=None)):
        assert not {"face", "expression"} & {finding.check for finding in findings(facts)}
    assert "people" not in {finding.check for finding in findings(replace(FACTS, kind=Kind.PLACE))}
    busy_place = replace(FACTS, kind=Kind.PLACE, measures=replace(MEASURES, background=0.9))
    assert "background" not in {finding.check for finding in findings(busy_place)}


def test_twins_are_named_and_a_camera_that_was_turned_is_told() -> None:
    facts = replace(FACTS, twins=("@nora's front",), measures=replace(MEASURES, turned=6))
    assert "Looks the same as @nora's front" in said(facts, "warn")
    assert "Turned upright, as its camera noted" in said(facts, "ok")


shares, bytes_ = st.floats(0, 1), st.floats(0, 255)
parts = st.builds(
    Part, st.integers(1, 9000), st.integers(1, 9000), st.floats(0, 5), bytes_, bytes_, shares, shares
)
any_facts = st.builds(
    Facts,
    st.sampled_from(Kind.values),
    st.sampled_from(Angle.values),
    st.builds(Measures, parts, parts, st.none() | shares, st.integers(1, 8)),
    st.none() | st.just((0.1, 0.1, 0.5, 0.5)),
    st.none() | st.integers(0, 30),
    st.sampled_from(["", "neutral", "other"]),
    st.just(()) | st.just(("the profile",)),
)


@given(any_facts)
def test_whatever_is_not_well_has_a_fix_and_costs_points(facts: Facts) -> None:
    found = findings(facts)
    assert all((finding.state == "ok") == (not finding.fix) == (not finding.costs) for finding in found)
    assert 0 <= score(found) <= 100
    assert (score(found) == 100) == all(finding.state == "ok" for finding in found)


@given(any_facts)
def test_a_twin_never_raises_the_score(facts: Facts) -> None:
    alone, doubled = (score(findings(replace(facts, twins=twins))) for twins in ((), ("the profile",)))
    assert doubled <= alone


def test_the_guides_six_pieces_of_advice() -> None:
    good = practice(findings(FACTS), 3, [2, 2], "mara")
    assert [finding.text for finding in good] == [
        "Front: large, sharp and well lit",
        "Background: calm",
        "Expression: neutral",
        "3 more angles",
        "Name @mara early in a prompt",
        "The same photos wherever it is cast",
    ]
    poor = replace(
        FACTS,
        expression="other",
        measures=Measures(
            replace(CLEAN, width=200), replace(MEASURES.subject, luma=20.0), background=0.4, turned=1
        ),
    )
    assert [finding.text for finding in practice(findings(poor), 1, [1, 3], "mara")] == [
        "200 × 3,000 px, below every provider's 300",
        "Busy background",
        "An expression that may carry over",
        "One more angle: three are best for profiles and action",
        "Name @mara early in a prompt",
        "Projects use different versions: v1, v3",
    ]
