"""Elements and references in draft pictures: who has a photo looks like it, in every picture."""

from io import BytesIO

import numpy as np
import pytest
from PIL import Image, ImageDraw

from providers.base import ElementFile, Order, ReferenceFile
from providers.draft import draw

pytestmark = pytest.mark.slow

RED, GREEN, BLUE = (170, 24, 30), (30, 130, 50), (30, 60, 170)


@pytest.fixture
def photo(tmp_path):
    """A person before a grey wall: hair, face, clothes in these colours."""

    def take(name, clothes, hair=(30, 22, 18)):
        image = Image.new("RGB", (240, 320), (150, 150, 152))
        pen = ImageDraw.Draw(image)
        pen.ellipse((82, 20, 158, 110), fill=hair)
        pen.ellipse((92, 48, 148, 122), fill=(196, 150, 122))
        pen.rectangle((50, 125, 190, 320), fill=clothes)
        path = tmp_path / f"{name}.png"
        image.save(path)
        return path

    return take


@pytest.fixture
def swatch(tmp_path):
    def take(name, colour, behind=(235, 235, 235)):
        image = Image.new("RGB", (200, 200), behind)
        ImageDraw.Draw(image).rectangle((60, 40, 140, 170), fill=colour)
        path = tmp_path / f"{name}.png"
        image.save(path)
        return path

    return take


def element(name, front, kind="character", description="", panels=()):
    return ElementFile(name, f"{name}@1", kind, name.title(), description, front, (), panels)


def pixels(prompt, index=0, **fields):
    values = {"negative_prompt": "", "count": 2, "series": False, "seed": 7, **fields}
    order = Order(prompt=prompt, width=240, height=136, media_format="png", **values)
    return np.asarray(Image.open(BytesIO(draw(order, index))).convert("RGB"), dtype=np.float32)


def share(picture, colour):
    """How much of the picture leans clearly to this channel: 0 red, 1 green, 2 blue."""
    others = [channel for channel in range(3) if channel != colour]
    return float((picture[..., colour] > 1.35 * picture[..., others].max(axis=2) + 8).mean())


STUDIO = "Medium shot, 50mm, {} stands in a studio"


def test_two_characters_wear_the_colours_of_their_photos(photo):
    mara, jonas = element("mara", photo("mara", RED)), element("jonas", photo("jonas", BLUE))
    red = pixels(STUDIO.format("@mara"), elements=(mara, jonas))
    blue = pixels(STUDIO.format("@jonas"), elements=(mara, jonas))
    assert share(red, 0) > 0.06 > share(blue, 0)
    assert share(blue, 2) > 0.06 > share(red, 2)


def test_the_same_character_looks_the_same_in_every_panel(photo):
    jonas, mara = element("jonas", photo("jonas", GREEN)), element("mara", photo("mara", RED))
    prompt = f"Panel 1: {STUDIO.format('@mara')}. Panel 2: Full shot, @jonas walks with @mara, studio."
    for index in (0, 1):
        picture = pixels(prompt, index, series=True, elements=(jonas, mara))
        assert share(picture, 0) > 0.015
    assert share(pixels(prompt, 1, series=True, elements=(jonas, mara)), 1) > 0.01


def test_what_the_prompt_says_of_the_clothes_wins_over_the_photo(photo):
    mara = element("mara", photo("mara", RED))
    picture = pixels(STUDIO.format("@mara in a blue coat"), elements=(mara,))
    assert share(picture, 2) > 0.05 > share(picture, 0)


def test_a_costume_changes_the_clothes_of_its_wearer(photo, swatch):
    mara = element("mara", photo("mara", RED))
    coat = element("sea-coat", swatch("coat", BLUE), "costume", "a long coat")
    picture = pixels(STUDIO.format("@mara wearing @sea-coat"), elements=(mara, coat))
    assert share(picture, 2) > 0.05 > share(picture, 0)


def test_a_character_that_is_not_mentioned_plays_whoever_the_prompt_speaks_of(photo):
    mara = element("mara", photo("mara", RED))
    assert share(pixels(STUDIO.format("a woman"), elements=(mara,)), 0) > 0.05
    assert share(pixels("Medium shot, 50mm, a studio", elements=(mara,)), 0) > 0.05


def test_an_element_stays_in_its_panels(photo):
    mara = element("mara", photo("mara", RED), panels=(2,))
    prompt = "Panel 1: Medium shot, a woman in a studio. Panel 2: Medium shot, a woman in a studio."
    first, second = (pixels(prompt, index, series=True, elements=(mara,)) for index in (0, 1))
    assert share(first, 0) < 0.02 < share(second, 0)


def test_a_product_is_shown_in_its_colours_held_or_alone(photo, swatch):
    tin = element("tin", swatch("tin", GREEN), "product", "a tin of tea")
    alone = pixels("Medium shot, 50mm, @tin in a studio", elements=(tin,))
    held = pixels(STUDIO.format("a woman with @tin"), elements=(tin,))
    assert share(alone, 1) > 0.005
    assert share(held, 1) > 0.001


def test_who_is_attached_and_not_mentioned_stays_out_when_others_are(photo, swatch):
    jonas, tin = element("jonas", photo("jonas", BLUE)), element("tin", swatch("tin", GREEN), "product")
    mara = element("mara", photo("mara", RED))
    with_all = pixels(STUDIO.format("@mara"), elements=(mara, jonas, tin))
    assert (with_all == pixels(STUDIO.format("@mara"), elements=(mara,))).all()


def test_references_to_people_and_products_do_the_same(photo, swatch):
    person = ReferenceFile(photo("mara", RED), "character", "ref-mara")
    tin = ReferenceFile(swatch("tin", GREEN), "product", "ref-tin")
    assert share(pixels(STUDIO.format("@ref-mara"), references=(person,)), 0) > 0.05
    assert share(pixels("Medium shot, 50mm, @ref-tin in a studio", references=(tin,)), 1) > 0.005


def test_a_place_gives_the_palette_and_the_set(swatch):
    moor = element("moor", swatch("moor", GREEN, (70, 110, 60)), "place", "a green meadow under clouds")
    style = element("look", swatch("look", BLUE, (90, 110, 190)), "style")
    plain = pixels("Wide shot, a man stands")
    for colour, one in ((1, moor), (2, style)):
        changed = pixels(f"Wide shot, a man stands, @{one.name}", elements=(one,))
        others = [channel for channel in range(3) if channel != colour]
        lean = [(p[..., colour] - p[..., others].mean(axis=2)).mean() for p in (plain, changed)]
        assert lean[1] > lean[0] + 3


def test_the_negative_prompt_takes_out_what_it_names():
    street = "Full shot, a man on a city street at night"
    assert (
        pixels(f"{street}, rain", negative_prompt="rain, wet") == pixels(street, negative_prompt="rain, wet")
    ).all()
    lit, dark = pixels(street), pixels(street, negative_prompt="neon, crowd")
    assert np.abs(lit - dark).mean() > 1


@pytest.mark.parametrize("kind", ["character", "object", "product", "costume", "place", "style"])
@pytest.mark.parametrize(
    "prompt", ["@mara walks", "", "nobody, a street", "Panel 1: @mara. Panel 2: @mara sits."]
)
def test_an_element_of_any_kind_can_be_drawn(kind, prompt, tmp_path):
    path = tmp_path / "flat.png"
    Image.new("L", (40, 30), 128).save(path)
    mara = element("mara", path, kind, "@mara 'x' \x00", (1,))
    for index in (0, 1):
        assert pixels(prompt, index, series=True, elements=(mara,)).shape == (136, 240, 3)
