"""Keys for tests, made as people make them, and what a dispatcher would write of them."""

from datetime import timedelta

from django.utils import timezone

from projects.models import Project
from routes import keys, shapes
from routes.models import Credential

REAL = {
    "fal": "0f1e2d3c-4b5a:6978canaryfal",
    "runware": "k9J2canaryrunware7Qx",
    "kling": "AKcanary81:SKcanarykling42",
}


def make_key(route: str = "fal", project: Project | None = None, name: str = "Main") -> Credential:
    """A key that its test is asked for."""
    secrets = keys.Secrets(REAL[route])
    return keys.add(keys.NewKey(route, name, secrets, shapes.AT_ONCE[route], project), None)


def answer_test(key: Credential, *, works: bool = True, said: str = "", balance: int | None = None) -> None:
    Credential.objects.filter(pk=key.pk).update(
        tested_at=timezone.now(), works=works, said=said, balance_micro_usd=balance
    )


def close(key: Credential, why: str = "fal.ai refused the key.") -> None:
    Credential.objects.filter(pk=key.pk).update(
        closed_until=timezone.now() + timedelta(hours=1), closed_why=why, failures=4, last_error=why
    )
