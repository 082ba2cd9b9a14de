"""The WSGI entry point that gunicorn serves."""

import os
import signal
from types import FrameType

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "studio.settings")
application = get_wsgi_application()

from generations import live  # noqa: E402 - models can be imported only after Django is set up

_stop = signal.getsignal(signal.SIGTERM)


def _end_streams_first(number: int, frame: FrameType | None) -> None:
    """Open pages hold a stream each, and gunicorn would wait for them until its patience ends."""
    live.end_streams()
    if callable(_stop):
        _stop(number, frame)


if callable(_stop):
    signal.signal(signal.SIGTERM, _end_streams_first)
