"""How long a provider asks to be left alone, in whatever way it says so."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from providers.http import Answer
from providers.replies import wait


def after(text: str) -> float | None:
    return wait(Answer(429, {"retry-after": text}, b""))


@pytest.mark.parametrize(
    ("text", "seconds"), [("7", 7.0), ("1.5", 1.5), ("0", 0.0), ("1000000000", 3600.0), ("9" * 30, 3600.0)]
)
def test_a_number_is_taken_at_its_word_for_an_hour_at_most(text: str, seconds: float) -> None:
    assert after(text) == seconds


def test_a_date_is_as_far_as_it_lies_ahead() -> None:
    ahead = after(format_datetime(datetime.now(UTC) + timedelta(seconds=90), usegmt=True))
    assert ahead is not None
    assert 80 < ahead <= 90
    assert after("Wed, 21 Oct 2015 07:28:00 GMT") == 0.0


@pytest.mark.parametrize(
    "text", ["", "soon", "-1", "NaN", "Infinity", "Wed, 21 Oct 2015 07:28:00", "²", "9" * 99]
)
def test_what_says_neither_says_nothing(text: str) -> None:
    assert after(text) is None
