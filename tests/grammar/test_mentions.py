"""Mentions: what is one, what is not, and that names never drift."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grammar import mentions as m

HANDLES = st.from_regex(r"[a-z][a-z0-9]{0,6}(-[a-z0-9]{1,4})?", fullmatch=True).filter(
    lambda name: m.why_not_a_name(name) is None
)


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("@mara walks", ("mara",)),
        ("@Mara and @MARA", ("mara",)),
        ("(@mara), @jun; @red-coat.", ("mara", "jun", "red-coat")),
        ("@mara's coat", ("mara",)),
        ("write to ana@mara.com", ()),
        ("@@mara", ()),
        ("@mara_2", ()),
        ("an @ alone", ()),
        ("@ref-harbour at dusk", ("ref-harbour",)),
        ("@Element1 in @Image2 and <<<image_1>>>", ()),
        ("@Image", ()),
        ("@imagery", ("imagery",)),
        ("@mara-", ("mara",)),
    ],
)
def test_a_mention_is_an_at_sign_and_a_name(text: str, names: tuple[str, ...]) -> None:
    assert m.names(text) == names


@pytest.mark.parametrize(
    ("mark", "name"),
    [
        ("@Element1", "@mara"),
        ("@element2", "@jun"),
        ("@Image2", "@ref-street"),
        ("@Image", "@ref-harbour"),
        ("<<<image_1>>>", "@ref-harbour"),
        ("<<<element_2>>>", "@jun"),
        ("<<element_1>>", "@mara"),
        ("<<<object_1>>>", "@mara"),
    ],
)
def test_marks_of_providers_become_names_by_position(mark: str, name: str) -> None:
    text, dangling = m.by_name(f"{mark}, walking", ["mara", "jun"], ["ref-harbour", "ref-street"])
    assert (text, dangling) == (f"{name}, walking", ())


@pytest.mark.parametrize("mark", ["@Element3", "@Image3", "@Element0", "<<<image_9>>>"])
def test_marks_that_point_at_nothing_stay_and_are_named(mark: str) -> None:
    assert m.by_name(f"a {mark} b", ["mara", "jun"], ["ref-a"]) == (f"a {mark} b", (mark,))


@pytest.mark.parametrize(
    "name", ["", "Mara", "-a", "a-", "a--b", "ä", "image", "image2", "element1", "ref-a", "ref", "a" * 31]
)
def test_what_cannot_be_a_handle_is_told_in_a_sentence(name: str) -> None:
    assert str(m.why_not_a_name(name)).endswith(".")


@given(st.text(max_size=80))
def test_any_words_make_a_name_or_none(words: str) -> None:
    name = m.as_name(words)
    assert name == "" or m.names(f"@{name}") in ((name,), ())


@given(st.lists(HANDLES, min_size=1, max_size=6, unique=True), st.data())
def test_reordering_what_is_attached_never_changes_a_text_of_names(
    handles: list[str], data: st.DataObject
) -> None:
    text = " ".join(f"@{name}," for name in data.draw(st.permutations(handles)))
    shuffled = data.draw(st.permutations(handles))
    assert m.by_name(text, shuffled, []) == (text, ())


@given(st.lists(HANDLES, min_size=2, max_size=6, unique=True))
def test_every_mention_is_written_once_and_the_rest_stays(handles: list[str]) -> None:
    text = "Wide shot: " + " beside ".join(f"@{name}" for name in handles) + ", rain."
    written = m.replaced(text, lambda name: f"<{handles.index(name)}>")
    assert written == "Wide shot: " + " beside ".join(f"<{n}>" for n in range(len(handles))) + ", rain."
