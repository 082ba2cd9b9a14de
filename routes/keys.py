"""The life of a key: added, tested, replaced, paused, removed. Every change is one UPDATE of the row."""

from dataclasses import dataclass, field

from django.db.models import Q
from django.utils import timezone

from accounts.models import User
from accounts.people import RefusedError
from projects.models import Project
from routes import shapes, vault
from routes.models import Credential, CredentialQuerySet

GONE = "This key was removed in the meantime. Nothing was changed."
_LOOSE: dict[str, object] = {"closed_until": None, "closed_why": "", "failures": 0}


@dataclass(frozen=True, slots=True)
class Secrets:
    """What is sealed: the key itself, and what signs or names webhooks; empty leaves what was there."""

    key: str = field(repr=False)
    hook: str = field(default="", repr=False)
    hook_user_id: str = ""


@dataclass(frozen=True, slots=True)
class NewKey:
    """`at_once` is how many orders may be in flight; without `project` the key is the studio's."""

    route: str
    name: str
    secrets: Secrets
    at_once: int
    project: Project | None = None


@dataclass(frozen=True, slots=True)
class Rotation:
    """How many keys were sealed anew, and the names of those that no key of the studio opens."""

    sealed: int
    lost: tuple[str, ...]


def add(new: NewKey, user: User | None) -> Credential:
    """Keep a key and ask for its test. Raises RefusedError."""
    if new.route not in shapes.AT_ONCE:
        raise RefusedError("There is no such route that takes a key.")
    _check_limit(new.at_once)
    return Credential.objects.create(
        route=new.route,
        project=new.project,
        name=new.name,
        created_by=user,
        at_once=new.at_once,
        allowance=new.at_once,
        test_asked_at=timezone.now(),
        **_sealed(new.route, new.secrets),
    )


def replace(key: Credential, secrets: Secrets) -> None:
    """Another key in the same place, untested and with an open circuit. Raises RefusedError."""
    unknown = {"works": None, "said": "", "balance_micro_usd": None, "last_error": "", "last_error_at": None}
    _change(key, {**_sealed(key.route, secrets), **unknown, **_LOOSE, "test_asked_at": timezone.now()})


def change(key: Credential, name: str, at_once: int) -> None:
    """Give the key another name and limit. Raises RefusedError."""
    _check_limit(at_once)
    _change(key, {"name": name, "at_once": at_once, "allowance": at_once})


def ask_test(key: Credential) -> None:
    """Have the dispatcher ask the provider about the key, which is free. Raises RefusedError."""
    _change(key, {"test_asked_at": timezone.now()})


def pause(key: Credential) -> bool:
    """Send nothing by this key; False when it was paused before. Raises RefusedError."""
    if _row(key).filter(paused_at=None).update(paused_at=timezone.now()):
        return True
    _check_living(key)
    return False


def resume(key: Credential) -> bool:
    """Send again; False when it was not paused. Raises RefusedError."""
    if _row(key).exclude(paused_at=None).update(paused_at=None):
        return True
    _check_living(key)
    return False


def reopen(key: Credential) -> None:
    """Try again now, whatever was refused before. Raises RefusedError."""
    _change(key, _LOOSE)


def remove(key: Credential) -> None:
    """Send nothing more by this key and take it out of sight; its row stays, for what it carried.

    It stays sealed while orders of it are in flight, which are still fetched and paid for; then
    `generations.agenda.retire_keys` deletes it. Raises RefusedError.
    """
    _change(key, {"removed_at": timezone.now(), "hook_sealed": "", "test_asked_at": None})


def is_kept(key: Credential) -> bool:
    """Whether a removed key is still here, for its orders in flight."""
    return Credential.objects.filter(pk=key.pk).exclude(sealed="").exists()


def is_tested(key: Credential) -> bool:
    """Whether the last test that was asked for has been answered."""
    return key.test_asked_at is None or (key.tested_at is not None and key.tested_at >= key.test_asked_at)


def rotate() -> Rotation:
    """Seal every key and webhook secret anew with the first of the studio's own keys."""
    done, lost = 0, []
    for row in Credential.objects.filter(~Q(sealed="") | ~Q(hook_sealed="")).order_by("pk").iterator():
        try:
            done += _reseal(row)
        except vault.Sealed:
            lost.append(str(row))
    return Rotation(done, tuple(lost))


def _reseal(row: Credential) -> int:
    """One row, unless somebody has changed its key meanwhile, which sealed it anew as well."""
    before = Credential.objects.filter(pk=row.pk, sealed=row.sealed, hook_sealed=row.hook_sealed)
    return before.update(
        sealed=vault.seal(vault.unseal(row.sealed)), hook_sealed=vault.seal(vault.unseal(row.hook_sealed))
    )


def _sealed(route: str, secrets: Secrets) -> dict[str, str]:
    """The columns of what is kept. Raises RefusedError."""
    text = shapes.key(route, secrets.key)
    columns = {"sealed": vault.seal(text), "ending": shapes.ending(text)}
    if secrets.hook:
        columns["hook_sealed"] = vault.seal(shapes.hook_secret(route, secrets.hook))
    if secrets.hook_user_id:
        columns["hook_user_id"] = shapes.hook_user_id(route, secrets.hook_user_id)
    return columns


def _check_limit(at_once: int) -> None:
    if not 1 <= at_once <= shapes.AT_ONCE_MOST:
        raise RefusedError(f"Orders at once are a number from 1 to {shapes.AT_ONCE_MOST}.")


def _row(key: Credential) -> CredentialQuerySet:
    return Credential.objects.living().filter(pk=key.pk)


def _change(key: Credential, columns: dict[str, object]) -> None:
    if not _row(key).update(**columns):
        raise RefusedError(GONE)


def _check_living(key: Credential) -> None:
    if not _row(key).exists():
        raise RefusedError(GONE)
