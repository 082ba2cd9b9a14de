"""Stories in one text: counted panels, beats, and texts that are neither."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grammar.story import MOST, panels_of


@pytest.mark.parametrize(
    ("text", "style", "panels"),
    [
        ("Noir. Panel 1: A street. Panel 2: A door.", "Noir.", ("A street.", "A door.")),
        ("Panel 1: A\nPanel 2: B\nPanel 3: C", "", ("A", "B", "C")),
        (
            "Low key, 35mm. First she enters, then he turns, finally they leave.",
            "Low key, 35mm.",
            ("she enters", "he turns", "they leave"),
        ),
        ("First: a street; next, a door; at last an empty room", "", ("a street", "a door", "an empty room")),
        ("The first light of dawn, then a train", "The first light of dawn, then a train", ()),
        ("A street at night", "A street at night", ()),
        ("Panel 1: alone", "Panel 1: alone", ()),
        ("", "", ()),
    ],
)
def test_a_story_is_taken_apart(text: str, style: str, panels: tuple[str, ...]) -> None:
    assert panels_of(text) == (style, panels)


@given(st.text(max_size=200))
def test_any_text_is_read(text: str) -> None:
    style, panels = panels_of(text)
    assert len(panels) <= MOST
    assert len(panels) != 1
    assert panels or style == text


@given(st.lists(st.from_regex(r"[a-z]{2,6}( [a-z]{2,6}){0,3}", fullmatch=True), min_size=2, max_size=9))
def test_counted_panels_come_back_as_they_were(texts: list[str]) -> None:
    told = "Noir\n" + "\n".join(f"Panel {number}: {text}" for number, text in enumerate(texts, 1))
    assert panels_of(told) == ("Noir", tuple(texts))
