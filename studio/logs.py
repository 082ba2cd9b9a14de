"""What log lines must not carry: the links that open the studio to whoever holds them."""

import logging
import re
from collections.abc import Callable

SECRET_LINK = re.compile(r"(/people/(?:invitation|first)/|/account/password/reset/key/)[^\s/?\"']+")


def hide_links() -> Callable[[logging.LogRecord], logging.LogRecord]:
    """A filter that shows such a link without its token."""

    def hidden(record: logging.LogRecord) -> logging.LogRecord:
        said = record.getMessage()
        clean = SECRET_LINK.sub(r"\1…", said)
        if clean != said:
            record.msg, record.args = clean, ()
        return record

    return hidden
