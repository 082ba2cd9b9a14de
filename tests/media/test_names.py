"""Names that people gave their files."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from media.names import LONGEST, clean_name, file_name

FAMILY = "👩\u200d👩\u200d👧\u200d👦"


@pytest.mark.parametrize(
    ("given_name", "shown"),
    [
        ("photo.jpg", "photo.jpg"),
        ("../../etc/passwd", "passwd"),
        ("..\\..\\x", "x"),
        ("\\\\host\\share\\x.png", "x.png"),
        ("C:\\Users\\ana\\mara.png", "mara.png"),
        (".htaccess", ".htaccess"),
        (".", "untitled"),
        ("..", "untitled"),
        ("", "untitled"),
        ("\u200b\u200b", "untitled"),
        ("a\0.png", "a.png"),
        ("a\r\nSet-Cookie: x.png", "aSet-Cookie: x.png"),
        ("cat\u202egpj.exe", "catgpj.exe"),
        ("two  \t spaces.png", "two spaces.png"),
        ("cafe\u0301.png", "café.png"),
        ("zero\u200bwidth.png", "zerowidth.png"),
        (f"{FAMILY}.png", f"{FAMILY}.png"),
        ('"><img src=x onerror=1>.png', '"><img src=x onerror=1>.png'),
        ("half\ud800.png", "half.png"),
    ],
)
def test_a_display_name_is_clean(given_name: str, shown: str) -> None:
    assert clean_name(given_name) == shown


def test_a_long_name_is_shortened_and_keeps_its_ending() -> None:
    assert clean_name("x" * 5000 + ".png") == "x" * 116 + ".png"
    assert clean_name("x" * 5000) == "x" * LONGEST
    assert not clean_name(FAMILY * 60).endswith("\u200d")


@pytest.mark.parametrize(
    ("given_name", "safe"),
    [
        ("night market.png", "night market.png"),
        ("CON.png", "_CON.png"),
        ("nul", "_nul"),
        ("aux .jpg", "_aux .jpg"),
        ("console.png", "console.png"),
        (".htaccess", "htaccess"),
        ("-rf.png", "rf.png"),
        ('a<b>:"|?*.png', "a_b______.png"),
        ("dots...", "dots"),
    ],
)
def test_a_file_name_is_valid_everywhere(given_name: str, safe: str) -> None:
    assert file_name(given_name) == safe


@given(st.text())
def test_any_text_gives_names_that_hold_the_rules(text: str) -> None:
    shown, safe = clean_name(text), file_name(text)
    for name in (shown, safe):
        assert 0 < len(name) <= LONGEST + 1
        assert not any(unicodedata.category(c) in ("Cc", "Cs", "Zl", "Zp") for c in name)
        assert "/" not in name
        assert "\\" not in name
    assert not set('<>:"|?*') & set(safe)
    assert safe[-1] not in ". "
    assert clean_name(shown) == shown
