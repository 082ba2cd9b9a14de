"""What is made of a photo: crops, softened backgrounds, and copies that fit a provider."""

from pathlib import Path

import pytest
from PIL import Image, ImageChops

from media import decoder
from media.recipe import Recipe
from tests.media import pictures
from tests.media.pictures import CORNERS, pixel, quarters, saved


def altered(content: bytes, recipe: Recipe, folder: Path, xmp: str = "") -> Image.Image:
    source, target = folder / "source", folder / "target"
    source.write_bytes(content)
    decoder.alter(source, target, recipe, xmp)
    with Image.open(target) as made:
        made.load()
        return made


def test_a_crop_cuts_out_the_box_of_the_upright_picture(tmp_path: Path) -> None:
    made = altered(pictures.turned(6), Recipe(crop=(0.5, 0.0, 0.5, 0.5)), tmp_path)
    assert (made.format, made.size) == ("JPEG", (60, 40))
    assert all(abs(a - b) < 30 for a, b in zip(pixel(made, 30, 20), CORNERS["green"], strict=True))


def test_a_png_stays_a_png_and_keeps_its_pixels(tmp_path: Path) -> None:
    made = altered(saved(quarters()), Recipe(crop=(0.25, 0.25, 0.5, 0.5)), tmp_path)
    assert (made.format, made.size) == ("PNG", (60, 40))
    assert [pixel(made, *at) for at in ((0, 0), (59, 39))] == [CORNERS["red"], CORNERS["white"]]


@pytest.mark.parametrize("media_format", ["WEBP", "AVIF"])
def test_other_formats_become_jpeg(media_format: str, tmp_path: Path) -> None:
    assert altered(saved(quarters(), media_format), Recipe(), tmp_path).format == "JPEG"


def test_a_picture_that_lets_something_through_stays_so_until_it_becomes_a_jpeg(tmp_path: Path) -> None:
    clear = saved(Image.new("RGBA", (64, 64), (255, 0, 0, 0)), "WEBP", lossless=True)
    assert altered(clear, Recipe(), tmp_path).mode == "RGBA"
    assert pixel(altered(clear, Recipe(media_format="JPEG"), tmp_path), 32, 32) == (255, 255, 255)


def test_softening_keeps_the_face_and_calms_what_is_around(tmp_path: Path) -> None:
    face = (0.4, 0.2, 0.2, 0.2)
    grain = pictures.speckled(400)
    made = altered(saved(grain), Recipe(keep=face), tmp_path)
    inside, corner = (160, 80, 240, 160), (0, 0, 80, 80)
    assert spread(ImageChops.difference(made.crop(inside), grain.crop(inside))) < 8
    before, after = (spread(picture.crop(corner)) for picture in (grain, made))
    assert after < before / 4


def spread(picture: Image.Image) -> float:
    low, high = picture.convert("L").getextrema()
    assert isinstance(low, int | float)
    assert isinstance(high, int | float)
    return high - low


def test_padding_adds_the_colour_of_the_border_and_cuts_nothing(tmp_path: Path) -> None:
    made = altered(saved(Image.new("RGB", (100, 300), "#336699")), Recipe(canvas=(120, 300)), tmp_path)
    assert made.size == (120, 300)
    assert {pixel(made, x, 150) for x in (0, 60, 119)} == {(0x33, 0x66, 0x99)}


def test_scaling_gives_exactly_the_size_asked_for(tmp_path: Path) -> None:
    assert altered(saved(quarters((299, 640))), Recipe(size=(300, 642)), tmp_path).size == (300, 642)


def test_a_jpeg_is_squeezed_until_it_fits(tmp_path: Path) -> None:
    recipe = Recipe(media_format="JPEG", most_bytes=60_000)
    altered(pictures.noise(400), recipe, tmp_path)
    assert (tmp_path / "target").stat().st_size <= 60_000


def test_a_jpeg_that_never_fits_is_refused(tmp_path: Path) -> None:
    with pytest.raises(decoder.NotAPicture, match="stays too large"):
        altered(pictures.noise(400), Recipe(media_format="JPEG", most_bytes=1_000), tmp_path)


@pytest.mark.parametrize(
    "content", [pictures.with_script_in_metadata(kind) for kind in ("JPEG", "PNG", "WEBP")]
)
def test_metadata_of_the_source_goes_and_what_is_told_stays(content: bytes, tmp_path: Path) -> None:
    altered(content, Recipe(), tmp_path, xmp="<x:xmpmeta>made here</x:xmpmeta>")
    written = (tmp_path / "target").read_bytes()
    assert b"<script" not in written
    assert b"made here" in written
