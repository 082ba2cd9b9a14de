"""What `manage.py up --sandbox` lays: an environment and keys with which no money can be spent."""

import os

from django.conf import settings

from providers import catalogue
from routes import vault
from routes.models import Credential
from studio.ground import NotNow

HOST = "127.0.0.1"
WORD = "sandbox"  # what every key of the sandbox holds and no real one does
# fal's keys have two parts.
_KEYS = {"fal": "sandbox-fal:sandbox-secret"}
# Else the rehearsal would share its rows or its work with the real studio.
_SHARED = ("DATABASE_URL", "CELERY_BROKER_URL")


def port() -> int:
    return int(settings.PORT) + 100


def surroundings() -> dict[str, str]:
    """The environment of a studio beside this one: a folder of its own, SQLite, the embedded broker."""
    kept = {name: value for name, value in os.environ.items() if name not in _SHARED}
    return {
        **kept,
        "FRAMEHOUSE_DATA": str(settings.DATA / "sandbox"),
        "SANDBOX_URL": f"http://{HOST}:{port()}",
    }


def lay_keys() -> None:
    """Make sure that every paid route has a key of the sandbox. Raises NotNow when a real one is there."""
    living = list(Credential.objects.living())
    for credential in living:
        if not _is_of_sandbox(credential):
            raise NotNow(
                f"The key “{credential.name}” of {credential.route} is not one of the sandbox;"
                " remove it or start without --sandbox."
            )
    have = {credential.route for credential in living if credential.project_id is None}
    for route in catalogue.routes():
        if route.needs_key and route.key not in have:
            _make(route.key)


def _make(route: str) -> None:
    key = _KEYS.get(route, f"sandbox-{route}")
    Credential.objects.create(route=route, name="Sandbox", sealed=vault.seal(key), ending=key[-4:])


def _is_of_sandbox(credential: Credential) -> bool:
    """A key that cannot be read may be a real one."""
    try:
        return WORD in vault.unseal(credential.sealed).lower()
    except vault.Sealed:
        return False
