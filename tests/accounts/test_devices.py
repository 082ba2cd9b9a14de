"""The words for a device in the list of sessions."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.templatetags.devices import device

KIT = "AppleWebKit/537.36 (KHTML, like Gecko)"


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        (f"Mozilla/5.0 (X11; Linux x86_64) {KIT} Chrome/156.0.0.0 Safari/537.36", "Chrome on Linux"),
        (f"Mozilla/5.0 (Windows NT 10.0) {KIT} Chrome/156.0 Safari/537.36 Edg/156.0", "Edge on Windows"),
        (
            "Mozilla/5.0 (Macintosh; Intel Mac OS X 15.1; rv:150.0) Gecko/20100101 Firefox/150.0",
            "Firefox on macOS",
        ),
        (f"Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) {KIT} Safari/604.1", "Safari on iPhone"),
        (f"Mozilla/5.0 (Linux; Android 16) {KIT} Chrome/156.0 Mobile Safari/537.36", "Chrome on Android"),
        ("curl/8.5.0", "curl/8.5.0"),
        ("", "Unknown device"),
    ],
)
def test_a_device_is_named_by_browser_and_system(sent, said):
    assert device(sent) == said


@given(st.text(max_size=300))
def test_any_text_gives_a_short_name(sent):
    assert 0 < len(device(sent)) <= 60
