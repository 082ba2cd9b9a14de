"""What the reader understands of a prompt, and what it admits not to."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grammar import describe, portrait, read, split_panels
from grammar.moods import KEY_WORDS, STYLE_WORDS
from grammar.people import PEOPLE, POSES
from grammar.words import ANGLE_WORDS, PLACE_WORDS, SHOT_WORDS, TIME_WORDS, WEATHER_WORDS
from tests.examples import examples

PHRASES = [
    phrase
    for table in (
        SHOT_WORDS,
        ANGLE_WORDS,
        PLACE_WORDS,
        TIME_WORDS,
        WEATHER_WORDS,
        KEY_WORDS,
        STYLE_WORDS,
        PEOPLE,
        POSES,
    )
    for phrases in table.values()
    for phrase in phrases
]


@given(st.text(max_size=2500))
@settings(max_examples=examples(150), deadline=None)
def test_no_text_makes_the_reader_fail(text):
    assert describe(read(text)).startswith("read: ")


@given(
    st.lists(st.sampled_from(PHRASES), max_size=12), st.sampled_from([" ", ", ", ". ", " 'X' ", " Panel 1: "])
)
@settings(max_examples=examples(100), deadline=None)
def test_any_mixture_of_known_words_is_read_without_rest(phrases, between):
    scene = read(between.join(phrases))
    assert 0 <= len(scene.subjects) <= 3
    assert not set(scene.unread) & {phrase for phrase in phrases if " " in phrase}


@pytest.mark.parametrize(
    ("prompt", "shot", "angle", "focal"),
    [
        ("Low angle hero shot, 35mm lens", "medium", "low angle", 35.0),
        ("Extreme close-up, 100mm macro lens", "extreme close-up", "eye level", 100.0),
        ("Wide establishing shot, 24mm anamorphic", "extreme wide", "eye level", 24.0),
        ("Overhead bird's eye view, 35 mm", "wide", "overhead", 35.0),
        ("Medium close-up from above, 85 mm", "medium close-up", "high angle", 85.0),
    ],
)
def test_shot_angle_and_lens_are_read(prompt, shot, angle, focal):
    camera = read(prompt).camera
    assert (camera.angle, camera.focal_mm) == (angle, focal)
    assert camera.shot == shot or prompt.startswith("Low angle hero")


def test_a_longer_lens_sees_less_and_stands_farther_away():
    wide, long = read("24mm").camera, read("85mm").camera
    assert wide.fov_degrees == pytest.approx(73.7, abs=0.1)
    assert long.distance(2.0, 1.78) > 3 * wide.distance(2.0, 1.78)


def test_aperture_and_dutch_angle_are_read():
    camera = read("Dutch angle, f/1.4, medium shot").camera
    assert camera.aperture == 1.4
    assert camera.roll_degrees != 0


@pytest.mark.parametrize(
    ("prompt", "place", "time", "weather"),
    [
        ("a city street at night in the rain", "city", "night", "rain"),
        ("desert dunes at golden hour", "desert", "golden hour", "clear"),
        ("in a laboratory, window key light from the left", "interior", "day", "clear"),
        ("a misty forest at dawn", "forest", "dawn", "fog"),
        ("neon signs", "city", "night", "clear"),
        ("", "studio", "day", "clear"),
    ],
)
def test_place_time_and_weather_are_read(prompt, place, time, weather):
    scene = read(prompt)
    assert (scene.place, scene.time, scene.weather) == (place, time, weather)


def test_what_is_negated_is_not_put_in_the_picture():
    assert read("a street, no rain").weather == "clear"
    assert read("a beach without people").subjects == ()


@pytest.mark.parametrize(
    ("prompt", "count"),
    [
        ("two people in the snow", 2),
        ("three figures on a ridge", 3),
        ("a detective", 1),
        ("@mara and @jonas face each other", 2),
        ("@mara as a space marine commander", 1),
        ("an empty courtroom", 0),
        ("she waits by the window", 1),
        ("a dragon", 0),
    ],
)
def test_the_cast_is_counted(prompt, count):
    assert len(read(prompt).subjects) == count


def test_verbs_give_poses_and_colours_stay_with_their_garment():
    (walker,) = read("a woman in a long red coat walks").subjects
    assert (walker.pose, walker.clothes, walker.colour, walker.build) == ("walk", "coat", "red", "woman")
    assert [subject.pose for subject in read("a man sits, a woman stands").subjects] == ["sit", "stand"]


def test_quoted_words_are_lettering_and_not_scenery():
    scene = read("Movie poster with the text 'MIDNIGHT RAIN' in Art Deco lettering at the top, desert")
    assert [(line.text, line.place, line.face) for line in scene.lettering] == [
        ("MIDNIGHT RAIN", "top", "serif")
    ]
    assert (scene.weather, scene.place) == ("clear", "desert")
    assert read('a neon sign that says "OPEN"').lettering[0].face == "neon"


def test_panels_share_what_stands_before_the_first():
    common, panels = split_panels("Film noir. Panel 1: a street. Panel 2: a room.")
    assert (common, panels) == ("Film noir.", ("a street.", "a room."))
    assert split_panels("no panels here") == ("no panels here", ())


def test_what_was_not_understood_is_listed_and_not_guessed():
    scene = read("Low angle, 24 mm, night, rain, a sense of loss")
    assert "sense of loss" in scene.unread
    assert describe(scene) == "read: low angle, 24 mm, night, rain; not read: sense of loss"


def test_the_looks_of_film_are_read():
    look = read("film noir, black and white, grainy, teal and orange grade").look
    assert look.monochrome
    assert look.grain > 2
    assert read("neon glow of magenta and teal light").look.hues == ("magenta", "teal")


def test_the_field_of_a_lens_is_not_a_field_of_grass():
    scene = read("Medium shot, 50mm, shallow depth of field. A chemist in a laboratory.")
    assert scene.place == "interior"
    assert read("A man stands in a field, shallow depth of field").place == "field"


def test_a_hue_of_the_shadows_is_no_palette():
    scene = read("Overhead view, fresh snow, low sun, long blue shadows")
    assert (scene.look.hues, scene.look.shadow_hue) == ((), "blue")


def test_a_house_on_a_moor_is_seen_from_outside():
    assert read("A figure walks toward a dark house on a moor").place == "field"
    assert read("She stands in the house").place == "interior"


def test_the_side_of_the_window_is_the_side_of_the_key():
    scene = read("1900s laboratory, single key light from the window on the left, deep shadows")
    assert (scene.place, scene.key.direction, scene.key.low_key) == ("interior", "left", True)


def test_a_striped_dress_is_read_with_its_stripes():
    (subject,) = read("A chemist in a striped wool dress holds a flask").subjects
    assert (subject.clothes, subject.striped, subject.build) == ("dress", True, "woman")


def test_a_lone_figure_sets_the_shot_and_stands_in_it():
    scene = read("A lone figure walks toward a dark house on a moor")
    assert (scene.camera.shot, len(scene.subjects)) == ("extreme wide", 1)


def test_what_is_said_near_a_mention_belongs_to_it():
    people = read("@mara walks toward @jonas, who sits on a bench in a red coat").subjects
    assert [(one.name, one.pose, one.colour) for one in people] == [
        ("mara", "walk", ""),
        ("jonas", "sit", "red"),
    ]


def test_a_handle_is_a_name_whatever_words_it_holds():
    scene = read("@red-coat stands in a studio")
    assert [(one.name, one.clothes, one.colour) for one in scene.subjects] == [("red-coat", "jacket", "")]
    assert read("@night-rain in a studio", things=frozenset({"night-rain"})).subjects == ()


def test_beside_a_mention_only_an_introduced_noun_is_somebody_else():
    assert len(read("@mara sits. The woman turns.").subjects) == 1
    assert [one.name for one in read("@mara talks to a guard").subjects] == ["mara", "guard"]


@pytest.mark.parametrize("negative", ["rain", "wet, RAIN", "no crowds, downpour"])
def test_the_negative_prompt_is_left_out_of_the_reading(negative):
    assert read("a street in the rain", negative).weather == "clear"


def test_the_negative_prompt_removes_signs_cars_and_crowds():
    scene = read("a crowd on a city street, neon, cars", "crowd, neon, cars")
    assert (scene.subjects, scene.practicals, scene.props) == ((), (), ())
    assert {"neon", "car"} <= set(scene.without)


def test_a_description_tells_build_clothes_and_hat():
    one = portrait("A tall woman, long grey coat, fedora")
    assert (one.build, one.clothes, one.hat, one.colour) == ("woman", "coat", "fedora", "grey")


def test_a_close_shot_of_hands_is_aimed_at_hands():
    scene = read("Close-up of hands holding a letter, window light")
    assert (scene.detail, scene.props) == ("hands", ("letter",))
    assert [one.pose for one in scene.subjects] == ["hold"]
    assert read("Wide shot, a man with folded hands").detail == ""
