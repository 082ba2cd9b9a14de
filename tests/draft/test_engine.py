"""Draft pictures from the outside: same bytes, exact pixels, and the prompt's words in the picture."""

from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from providers.base import Order, ReferenceFile
from providers.draft import draw

pytestmark = pytest.mark.slow

NIGHT = "Full shot, 35mm, a detective in a coat stands on a city street at night, neon"


def make_order(prompt, width=192, height=108, media_format="png", **fields):
    values = {"negative_prompt": "", "count": 4, "series": False, "seed": 7, **fields}
    return Order(prompt=prompt, width=width, height=height, media_format=media_format, **values)


def opened(data):
    image = Image.open(BytesIO(data))
    image.load()
    return image


def pixels(prompt, index=0, **fields):
    return np.asarray(opened(draw(make_order(prompt, **fields), index)), dtype=np.float32)


def brightness(picture):
    return float(picture.mean())


def far_apart(one, two):
    return float(np.abs(one - two).mean())


def test_the_same_order_gives_the_same_bytes():
    order = make_order(NIGHT)
    assert draw(order, 1) == draw(order, 1)


def test_another_index_or_seed_gives_another_picture():
    first = pixels(NIGHT)
    assert far_apart(first, pixels(NIGHT, index=1)) > 3
    assert far_apart(first, pixels(NIGHT, seed=8)) > 3


@pytest.mark.parametrize("media_format", ["png", "jpeg", "webp"])
@pytest.mark.parametrize("size", [(192, 108), (108, 192), (128, 128), (224, 96), (161, 107), (64, 64)])
def test_pixels_are_exact_and_the_format_is_real(media_format, size):
    image = opened(draw(make_order(NIGHT, size[0], size[1], media_format), 0))
    assert image.size == size
    assert image.format == media_format.upper()
    assert image.mode == "RGB"


def test_a_larger_picture_has_more_detail_than_a_stretched_small_one():
    large = opened(draw(make_order(NIGHT, 720, 400, "jpeg"), 0))
    small = opened(draw(make_order(NIGHT, 1024, 576, "jpeg"), 0)).resize(
        (2048, 1152), Image.Resampling.BICUBIC
    )
    assert large.size == (720, 400)
    edges = [np.abs(np.diff(np.asarray(image.convert("L"), np.float32))).mean() for image in (large, small)]
    assert edges[0] > 1.2 * edges[1]


@pytest.mark.parametrize(
    "place", ["city street", "room", "desert", "snow field", "mountains", "beach", "forest", "meadow", ""]
)
@pytest.mark.parametrize("angle", ["eye level", "overhead", "worm's-eye", "dutch angle"])
def test_every_place_can_be_drawn_from_every_angle(place, angle):
    picture = pixels(f"{place}, {angle}, two people walk", width=96, height=64)
    assert picture.std() > 3


def test_night_is_darker_than_day():
    day = pixels("Wide shot, a man stands on a city street, noon")
    assert brightness(pixels("Wide shot, a man stands on a city street, night")) < 0.6 * brightness(day)


def test_a_low_sun_is_warmer_than_noon():
    noon, golden = (pixels(f"Wide shot, a man in the desert, {time}") for time in ("noon", "golden hour"))
    warmth = [float(picture[..., 0].mean() / picture[..., 2].mean()) for picture in (noon, golden)]
    assert warmth[1] > 1.15 * warmth[0]


def test_a_low_angle_sinks_the_horizon_and_overhead_shows_only_ground():
    level, low, over = (
        pixels(f"Wide shot, {angle}, a snow field, noon") for angle in ("eye level", "low angle", "overhead")
    )
    blue = [float((picture[..., 2] - picture[..., 0])[:20].mean()) for picture in (level, low, over)]
    assert far_apart(level, low) > 4
    assert blue[2] < blue[0]


def test_who_walks_leaves_prints_in_snow():
    snow = "Overhead view, wide shot, 35mm, a man {} in fresh snow, low sun"
    seen = [pixels(snow.format(verb), seed=3, width=320, height=180) for verb in ("stands", "walks")]
    edges = [float((np.abs(np.diff(picture.mean(axis=2), axis=1)) > 12).mean()) for picture in seen]
    assert edges[1] > 1.1 * edges[0]


def test_a_dune_has_a_lit_and_a_shaded_side():
    sand = pixels("Wide establishing shot, desert dunes, golden hour, nobody", width=320, height=136, seed=1)
    light = sand[60:].mean(axis=2)
    assert np.percentile(light, 90) > 2 * np.percentile(light, 10)


def test_a_house_named_in_open_country_stands_there():
    assert far_apart(*(pixels(f"Wide shot, 24mm, a moor, dusk{more}") for more in ("", ", a house"))) > 0.7


def test_rain_streaks_and_wets_the_street():
    assert far_apart(pixels(NIGHT), pixels(NIGHT + ", rain, wet asphalt")) > 4


def test_a_longer_lens_changes_the_background():
    assert far_apart(pixels(NIGHT.replace("35mm", "24mm")), pixels(NIGHT.replace("35mm", "85mm"))) > 6


def test_more_people_cover_more_of_the_frame():
    empty, one, three = (
        pixels(f"Wide shot, eye level, snow field, overcast, {who}", seed=3)
        for who in ("nobody", "a man in a black coat", "three people in black coats")
    )
    dark = [int((picture.max(axis=2) < 75).sum()) for picture in (empty, one, three)]
    assert dark[0] < dark[1] < dark[2]


def test_a_shallow_lens_blurs_the_background():
    sharp, soft = (
        pixels(f"Medium shot, 85mm, {stop}, a man in a library", width=320, height=180)
        for stop in ("f/16", "f/1.4")
    )
    edges = [np.abs(np.diff(picture.mean(axis=2), axis=1)).mean() for picture in (sharp, soft)]
    assert edges[1] < edges[0]


def test_a_palette_reference_pulls_the_colours(tmp_path):
    path = tmp_path / "palette.png"
    swatch = np.zeros((64, 64, 3), np.uint8)
    swatch[:32], swatch[32:] = (20, 90, 40), (150, 230, 160)
    Image.fromarray(swatch).save(path)
    plain = pixels("Wide shot, a man in the desert, golden hour")
    green = pixels(
        "Wide shot, a man in the desert, golden hour", references=(ReferenceFile(path, "palette"),)
    )
    assert (green[..., 1] - green[..., 0]).mean() > (plain[..., 1] - plain[..., 0]).mean() + 10


def test_a_composition_reference_becomes_the_plate(tmp_path):
    path = tmp_path / "plate.png"
    plate = np.zeros((90, 160, 3), np.uint8)
    plate[:, :80] = 235
    Image.fromarray(plate).save(path)
    picture = pixels("a man stands, medium shot", references=(ReferenceFile(path, "composition"),))
    assert picture[:, :60].mean() > picture[:, 132:].mean() + 40


def test_quoted_text_is_set_in_the_picture():
    bare = pixels("Wide shot, desert, noon")
    titled = pixels("Wide shot, desert, noon, the text 'THE LONG WAY' at the top")
    assert np.abs(bare - titled)[:30].mean() > 4 * np.abs(bare - titled)[60:].mean()


def test_panels_differ_and_share_their_palette():
    prompt = "Film noir, black and white. Panel 1: wide, a man in the street. Panel 2: close-up of him."
    one, two = (pixels(prompt, index=index, series=True, count=2) for index in (0, 1))
    assert far_apart(one, two) > 8
    for panel in (one, two):
        assert np.ptp(panel, axis=2).mean() < 6


def test_monochrome_has_no_colour():
    assert np.ptp(pixels(NIGHT + ", black and white"), axis=2).mean() < 6


@pytest.mark.parametrize("media_format", ["png", "jpeg", "webp"])
def test_every_file_says_that_it_is_a_draft(media_format):
    data = draw(make_order(NIGHT, 96, 64, media_format), 0)
    assert b"Framehouse Draft" in data
    assert b"digitalsourcetype/algorithmicMedia" in data
    if media_format == "png":
        assert opened(data).text["Software"] == "Framehouse Draft"


@pytest.mark.parametrize("prompt", ["", "\x00\x07", "🎬" * 600, "((((", "'" * 90, "a dragon"])
def test_any_prompt_gives_a_picture(prompt):
    assert opened(draw(make_order(prompt, 64, 64), 0)).size == (64, 64)
