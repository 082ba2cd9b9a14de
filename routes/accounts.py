"""From a project to the key that carries its orders, and from a key to the account that an adapter needs."""

from django.conf import settings
from django.db.models import F

from projects.models import Project
from providers.base import Account
from routes import vault
from routes.models import Credential

_SANDBOX = {
    "fal": {"queue": "/fal/queue", "rest": "/fal/rest", "api": "/fal/api/v1"},
    "runware": {"api": "/runware/v1"},
    "kling": {"api": "/kling"},
}


def usable(project: Project) -> dict[str, Credential]:
    """The key of each route for this project: its own before the studio's, the older first."""
    found = Credential.objects.for_project(project).order_by(F("project").desc(nulls_last=True), "pk")
    keys: dict[str, Credential] = {}
    for credential in found:
        keys.setdefault(credential.route, credential)
    return keys


def account(credential: Credential) -> Account:
    """What an adapter speaks with. Raises `vault.Sealed` when the key can no longer be read.

    With SANDBOX_URL set every account is one of the sandbox, so that no real key ever reaches it.
    """
    base = settings.SANDBOX_URL.rstrip("/")
    bases = {name: base + path for name, path in _SANDBOX[credential.route].items()} if base else {}
    return Account(
        number=credential.pk,
        route=credential.route,
        secret=vault.unseal(credential.sealed),
        bases=bases,
        loopback=bool(base),
        pace=settings.HORIZON_SCALE,
    )
