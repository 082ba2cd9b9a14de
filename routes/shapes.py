"""What a key of each route looks like: enough to find a slip of the hand, never a proof that it works."""

from collections.abc import Callable

from django.conf import settings

from accounts.people import RefusedError
from providers import catalogue

SHORTEST, LONGEST, LONGEST_USER_ID = 8, 2000, 100
AT_ONCE = {"fal": 10, "runware": 20, "kling": 9}  # what a new account of each provider may have in flight
AT_ONCE_MOST = 200
COUNTED = {"kling": "pictures"}  # what of it is counted, where that is not orders
_ENDING = 4


def paid_routes() -> tuple[catalogue.Route, ...]:
    """The routes that a key can be added for."""
    return tuple(route for route in catalogue.routes() if route.needs_key)


def label(route: str) -> str:
    """The route's name for people; the key itself for one that is no longer offered."""
    return next((row.label for row in catalogue.routes() if row.key == route), route)


def key(route: str, text: str) -> str:
    """The key without what surrounds it. Raises RefusedError with one sentence, which never repeats it.

    The forms are "id:secret" for fal.ai, and for Kling an API key or "access key:secret key".
    """
    trimmed = plain(text, "key")
    if len(trimmed) < SHORTEST:
        raise RefusedError(f"This key is too short; a key has at least {SHORTEST} characters.")
    _SHAPES[route](trimmed)
    _check_world(trimmed)
    return trimmed


def plain(text: str, what: str) -> str:
    """The text without what surrounds it, or RefusedError where it could not stand in a header."""
    trimmed = text.strip()
    if len(trimmed) > LONGEST:
        raise RefusedError(f"This {what} is longer than {LONGEST} characters, which no {what} is.")
    if not all("!" <= letter <= "~" for letter in trimmed):
        raise RefusedError(
            f"The {what} holds a space, a line end or a letter that no {what} has. Copy it again."
        )
    return trimmed


def pair(access: str, secret: str) -> str:
    """Kling's two keys as one text. Raises RefusedError."""
    access, secret = plain(access, "access key"), plain(secret, "secret key")
    if not access or not secret:
        raise RefusedError("Enter the access key and the secret key, both of them.")
    if ":" in access:
        raise RefusedError("An access key holds no colon. Copy it again.")
    return f"{access}:{secret}"


def hook_secret(route: str, text: str) -> str:
    """What Kling signs its webhooks with. Raises RefusedError."""
    if route != "kling":
        raise RefusedError("Only Kling has a webhook secret.")
    return plain(text, "webhook secret")


def hook_user_id(route: str, text: str) -> str:
    """By what fal.ai's webhooks name us. Raises RefusedError."""
    if route != "fal":
        raise RefusedError("Only fal.ai's webhooks name a user ID.")
    trimmed = plain(text, "User ID")
    if len(trimmed) > LONGEST_USER_ID:
        raise RefusedError(f"A User ID is no longer than {LONGEST_USER_ID} characters. Copy it again.")
    return trimmed


def ending(text: str) -> str:
    """The last characters, by which people tell keys apart."""
    return text[-_ENDING:]


def _fal(text: str) -> None:
    parts = text.split(":")
    if len(parts) != 2 or not all(parts):
        raise RefusedError("A key of fal.ai has two parts with one colon between them: id:secret.")


def _runware(text: str) -> None:
    if ":" in text:
        raise RefusedError("A key of Runware holds no colon. Copy it again.")


def _kling(text: str) -> None:
    access, colon, secret = text.partition(":")
    if colon and not (access and secret):
        raise RefusedError("Of Kling's two keys one is missing: access key, colon, secret key.")


_SHAPES: dict[str, Callable[[str], None]] = {"fal": _fal, "runware": _runware, "kling": _kling}


def _check_world(text: str) -> None:
    """Keys of the sandbox and real ones never meet."""
    is_toy = "sandbox" in text.lower()
    if settings.SANDBOX_URL and not is_toy:
        raise RefusedError("This studio runs on the sandbox. Real keys are refused here.")
    if is_toy and not settings.SANDBOX_URL:
        raise RefusedError("This is a key of the sandbox, and this studio talks with the real providers.")
