"""A link that opens the studio never stands in the log, whoever writes the line."""

import logging

from studio.logs import hide_links


def written(message: str, *values: object) -> str:
    record = logging.LogRecord("django.request", logging.WARNING, "", 0, message, values, None)
    return hide_links()(record).getMessage()


def test_a_token_is_hidden_in_the_message_and_in_its_values():
    assert written("Method Not Allowed (PUT): /people/invitation/s3cret") == (
        "Method Not Allowed (PUT): /people/invitation/…"
    )
    assert written("Forbidden: %s", "/people/first/s3cret") == "Forbidden: /people/first/…"
    assert "s3cret" not in written("%s", "/account/password/reset/key/1-s3cret/")


def test_other_lines_stay_as_they_are():
    assert written("Not Found: %s", "/projects/x/") == "Not Found: /projects/x/"
