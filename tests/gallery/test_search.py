"""What is typed into the search field, read."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gallery import search
from gallery.search import Search


@pytest.mark.parametrize(
    ("line", "asked"),
    [
        ("", Search()),
        ("night rain", Search(words=("night", "rain"))),
        ('"low angle" rain', Search(words=("low angle", "rain"))),
        ("rating>3", Search(rating=4)),
        ("rating>=3", Search(rating=3)),
        ("Rating:3 fog", Search(words=("fog",), rating=3)),
        ("model:o3 by:me status:picks", Search(model="o3", status="picks", mine=True)),
        ("status:lost", Search(words=("status:lost",))),
        ("element:mara", Search(words=("element:mara",))),
    ],
)
def test_prefixes_narrow_and_everything_else_is_a_word(line, asked):
    assert search.parse(line) == asked


@given(st.text())
def test_any_line_is_read_without_complaint(line):
    asked = search.parse(line)
    assert 0 <= asked.rating <= 6
    assert len(asked.words) <= search.WORDS_MOST
    assert all(word.strip() for word in asked.words)


@given(st.lists(st.text(st.characters(categories=["L", "N"]), min_size=1, max_size=12), max_size=8))
def test_plain_words_come_back_in_order(words):
    assert search.parse(" ".join(words)).words == tuple(words)
