"""Measures tell clean photos from damaged copies, whatever the size of the file."""

from pathlib import Path

import pytest
from PIL import Image, ImageEnhance, ImageFilter

from media import decoder
from media.facts import Box, Measures
from tests.media import pictures
from tests.media.pictures import saved

pytestmark = pytest.mark.slow

PHOTOS = Path(__file__).resolve().parents[2] / "studio" / "sample_data"
FACES: dict[str, Box] = {
    "astronaut": (0.33, 0.10, 0.20, 0.27),
    "laboratory": (0.305, 0.215, 0.125, 0.19),
    "bartender": (0.468, 0.25, 0.08, 0.16),
}


def measured(picture: Image.Image, folder: Path, face: Box | None = None) -> Measures:
    source = folder / "measured"
    source.write_bytes(saved(picture))
    return decoder.measure(source, face)


def photo(name: str) -> Image.Image:
    with Image.open(PHOTOS / f"{name}.jpg") as picture:
        return picture.convert("RGB")


@pytest.mark.parametrize("name", FACES)
def test_a_blurred_face_measures_far_less_sharp(name: str, tmp_path: Path) -> None:
    clean = photo(name)
    blurred = clean.filter(ImageFilter.GaussianBlur(max(clean.size) / 500))
    before, after = (measured(one, tmp_path, FACES[name]).subject.sharpness for one in (clean, blurred))
    assert after < before / 5


@pytest.mark.parametrize("name", FACES)
def test_dim_light_does_not_count_as_blur(name: str, tmp_path: Path) -> None:
    clean = photo(name)
    dim = ImageEnhance.Brightness(clean).enhance(0.4)
    before, after = (measured(one, tmp_path, FACES[name]).subject for one in (clean, dim))
    assert after.luma < before.luma * 0.5
    assert after.sharpness > before.sharpness * 0.8


def test_clipping_is_counted_where_the_face_is(tmp_path: Path) -> None:
    half = pictures.quarters((200, 200)).convert("L").point(lambda value: 255 if value > 100 else 0)
    assert measured(half, tmp_path, (0.0, 0.55, 0.4, 0.4)).subject.shadows == 1.0
    assert measured(half, tmp_path, (0.55, 0.55, 0.4, 0.4)).subject.highlights == 1.0


def test_a_face_is_measured_in_pixels_of_the_original(tmp_path: Path) -> None:
    measures = measured(photo("laboratory"), tmp_path, FACES["laboratory"])
    assert (measures.whole.width, measures.whole.height) == (840, 700)
    assert (measures.subject.width, measures.subject.height) == (105, 134)


def test_a_busy_background_has_more_edges_than_a_plain_one(tmp_path: Path) -> None:
    plain, busy = (
        measured(photo(name), tmp_path, FACES[name]).background for name in ("astronaut", "bartender")
    )
    assert plain is not None
    assert busy is not None
    assert busy > plain * 2


def test_nothing_is_said_of_a_background_that_is_not_there(tmp_path: Path) -> None:
    assert measured(photo("astronaut"), tmp_path, (0.0, 0.0, 1.0, 1.0)).background is None


def test_the_size_of_the_file_hardly_changes_the_measures(tmp_path: Path) -> None:
    small = photo("bartender").resize((480, 320))
    large = small.resize((small.width * 4, small.height * 4), Image.Resampling.LANCZOS)
    one, other = (measured(picture, tmp_path, FACES["bartender"]) for picture in (small, large))
    assert other.subject.luma == pytest.approx(one.subject.luma, abs=2)
    assert other.background == pytest.approx(one.background, abs=0.08)


@pytest.mark.parametrize("turned", range(1, 9))
def test_boxes_count_in_the_upright_picture(turned: int, tmp_path: Path) -> None:
    source = tmp_path / "turned"
    source.write_bytes(pictures.turned(turned))
    measures = decoder.measure(source, (0.6, 0.6, 0.3, 0.3))  # in the white quarter
    assert measures.turned == turned
    assert measures.subject.luma > 230
    assert (measures.whole.width, measures.whole.height) == (120, 80)


def test_the_smallest_pictures_and_boxes_have_measures(tmp_path: Path) -> None:
    measures = measured(Image.new("RGB", (16, 16), "grey"), tmp_path, (0.999, 0.999, 0.001, 0.001))
    assert (measures.subject.width, measures.subject.height, measures.subject.sharpness) == (1, 1, 0.0)


def test_what_is_no_picture_has_no_measures(tmp_path: Path) -> None:
    (tmp_path / "words").write_text("words")
    with pytest.raises(decoder.NotAPicture, match="not a JPEG"):
        decoder.measure(tmp_path / "words", None)
