"""Small free errands: does a key work, what does a provider sign with, delete what it keeps for us."""

import base64
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.utils import timezone

from elements import fetching
from elements.models import RemoteCopy
from generations import horizons
from generations.dispatch.database import change, read
from generations.dispatch.desk import Desk
from generations.models import Attempt
from providers.base import BillLine, KeyReport, RemoteThing, Unclear
from providers.fal import Fal
from routes.models import Credential, CredentialQuerySet
from spend import bills, ledger

FORGET_AGAIN = horizons.seconds(3600)


async def test_key(desk: Desk, key: Credential) -> None:
    """Ask the account whether it works and what it has left."""
    speaker = desk.speaker(key.pk)
    if speaker is None:
        return
    report = await speaker.provider.check_key()
    await change(_note_test, key, report if isinstance(report, KeyReport) else None)


def _note_test(key: Credential, report: KeyReport | None) -> None:
    now = timezone.now()
    if report is None:
        said = "The provider could not be reached. Nothing is known of the key; test it again."
        _tested(key).update(tested_at=now, works=None, said=said)
        return
    balance = None if report.balance_usd is None else ledger.to_micro(round(report.balance_usd, 6))
    changes: dict[str, object] = {
        "works": report.works,
        "said": report.sentence,
        "balance_micro_usd": balance,
    }
    if report.works:
        changes |= {"closed_until": None, "closed_why": "", "failures": 0}
    _tested(key).update(tested_at=now, **changes)


def _tested(key: Credential) -> CredentialQuerySet:
    """The row, unless the key was replaced while it was tested."""
    return Credential.objects.filter(pk=key.pk, sealed=key.sealed)


async def read_bill(desk: Desk, key: Credential) -> None:
    """Keep what the provider says it charged, where it says so; late lines may be about older days."""
    speaker = desk.speaker(key.pk)
    if speaker is None:
        return
    now = timezone.now()
    since = (key.billed_at or key.created_at) - horizons.BILLS_BACK
    found = await speaker.provider.bill(since, now)
    lines = [] if isinstance(found, Unclear) else found
    await change(_note_bill, key, now, lines)


def _note_bill(key: Credential, now: datetime, lines: Sequence[BillLine]) -> None:
    told = [
        bills.Line(key.pk, key.route, line.remote_id, ledger.to_micro(round(line.usd, 6)), line.at)
        for line in lines
    ]
    ours = Attempt.objects.filter(route=key.route, remote_id__in=[line.remote_id for line in told])
    bills.record(told, dict(ours.values_list("remote_id", "generation__uuid")))
    Credential.objects.filter(pk=key.pk).update(billed_at=now)


async def learn_hook_keys(desk: Desk, key: Credential) -> None:
    """What fal signs webhooks with at present, for the web process, which asks nobody."""
    speaker = desk.speaker(key.pk)
    if speaker is None or not isinstance(speaker.provider, Fal):
        return
    found = await speaker.provider.public_keys()
    keys = [base64.b64encode(one).decode() for one in found] if isinstance(found, tuple) else None
    await change(_note_hook_keys, key, keys)


def _note_hook_keys(key: Credential, keys: list[str] | None) -> None:
    again = timezone.now() - (horizons.HOOK_KEYS_FOR - timedelta(minutes=5) if keys is None else timedelta())
    kept = {} if keys is None else {"hook_keys": keys}
    Credential.objects.filter(pk=key.pk).update(hook_keys_at=again, **kept)


async def fetch_references(desk: Desk) -> None:
    """Fetch the references that people gave an address of."""
    await fetching.fetch_waiting(desk.exits)


async def forget(desk: Desk, copy: RemoteCopy) -> None:
    """Have a copy at a provider deleted; what cannot be deleted there expires by itself."""
    key = await read(_key_of, copy)
    speaker = desk.speaker(key)
    if speaker is None:
        return
    is_element = "@" in copy.content
    gone = await speaker.provider.forget(RemoteThing(copy.remote_id, is_element))
    await change(_forgotten if gone or copy.expires_at else _forget_later, copy)


def _key_of(copy: RemoteCopy) -> int | None:
    return Credential.objects.filter(uuid=copy.account).values_list("pk", flat=True).first()


def _forgotten(copy: RemoteCopy) -> None:
    copy.delete()


def _forget_later(copy: RemoteCopy) -> None:
    copy.forget_at = timezone.now() + FORGET_AGAIN
    copy.save(update_fields=["forget_at"])
