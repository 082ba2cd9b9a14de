"""What every page says of the studio as a whole, for templates."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest

from media import epoch


def notices(request: HttpRequest) -> dict[str, bool | Callable[[], bool]]:
    """`studio_held` is asked only by templates that show it."""
    return {"studio_held": epoch.held, "in_sandbox": bool(settings.SANDBOX_URL)}
