"""Stories told in one text and read as panels."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grammar.beats import split

SEED = (
    "Cinematic storyboard, clean line art with color washes. Scene: a heist goes wrong. "
    "Panel 1: Wide shot of @Element1 crouched behind a bank counter. "
    "Panel 2: Close-up of their hand. Panel 3: POV shot looking up. Panel 4: @Element1 bursting through."
)


@pytest.mark.parametrize(
    ("text", "style", "panels"),
    [
        ("Noir. Panel 1: a door. Panel 2: a key.", "Noir.", ("a door.", "a key.")),
        (
            "Ink wash. First a fox waits, then it runs, and finally it sleeps.",
            "Ink wash.",
            ("A fox waits", "It runs", "It sleeps."),
        ),
        ("First, @mara enters. Then she sits.", "", ("@mara enters.", "She sits.")),
        (
            "firstly rain; next wind; after that snow; lastly sun",
            "",
            ("Rain", "Wind", "Snow", "Sun"),
        ),
    ],
)
def test_a_told_story_is_split(text, style, panels):
    assert split(text) == (style, panels)


def test_the_prompt_of_the_seeds_has_its_four_panels():
    style, panels = split(SEED)
    assert style.endswith("goes wrong.")
    assert len(panels) == 4
    assert panels[3] == "@Element1 bursting through."


@pytest.mark.parametrize(
    "text",
    [
        "",
        "A fox crosses wet asphalt",
        "The first snow, then spring",
        "First light over the harbour",
        "Then it rains. Finally it stops.",
        "First" + ", then more" * 20,
        "First, then, finally",
    ],
)
def test_what_tells_no_story_stays_whole(text):
    assert split(text) == (text, ())


@given(st.text(max_size=200))
def test_splitting_never_fails(text):
    style, panels = split(text)
    assert all(panel == panel.strip() for panel in panels)
    assert panels or style == text


@given(st.lists(st.from_regex(r"[A-Z][a-z]{2,8} [a-z]{6,9}", fullmatch=True), min_size=2, max_size=9))
def test_beats_come_back_in_their_order(beats):
    told = "First " + ". Then ".join(beats)
    assert [panel.rstrip(".") for panel in split(told)[1]] == beats
