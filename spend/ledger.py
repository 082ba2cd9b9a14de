"""Writing the ledger and reading its sums; every figure is integer micro-USD."""

from datetime import datetime

from django.db import transaction
from django.db.models import Sum
from django.utils import timezone

from spend import budgets
from spend.account import MICRO, Account, Balance, to_micro
from spend.models import EntryKind, LedgerEntry

__all__ = [
    "MICRO",
    "Account",
    "Balance",
    "adjust",
    "balance",
    "release",
    "reserve",
    "reserve_charged",
    "settle",
    "to_micro",
]


def reserve(account: Account, amount: int) -> None:
    """Hold `amount` until the order is settled or released. Raises budgets.Exceeded.

    The budgets that it counts against stay locked until the transaction ends.
    """
    with transaction.atomic():
        now = timezone.now()
        budgets.check(account.project_id, account.user_id, amount, now)
        _write(account, EntryKind.RESERVE, now, reserved=amount, spent=0)


def reserve_charged(account: Account, at: datetime) -> None:
    """Open the account of what a provider charged at that time: nothing is held, since it is spent, and all
    that is settled or released counts in the month of the charge."""
    _write(account, EntryKind.RESERVE, min(at, timezone.now()), reserved=0, spent=0)


def settle(account: Account, amount: int) -> None:
    """Charge `amount` and give back all that was reserved."""
    held = _held(account)
    _write(account, EntryKind.SETTLE, held.ordered_at, reserved=-held.reserved, spent=amount)


def release(account: Account) -> None:
    """Give back all that was reserved; nothing was charged."""
    held = _held(account)
    _write(account, EntryKind.RELEASE, held.ordered_at, reserved=-held.reserved, spent=0)


def adjust(account: Account, amount: int, note: str) -> None:
    """Change what an order cost by a later fact: more when positive, less when negative; any number of times.

    `note` is a sentence for people.
    """
    _write(account, EntryKind.ADJUST, _held(account).ordered_at, reserved=0, spent=amount, note=note)


def balance(project_id: int) -> Balance:
    sums = LedgerEntry.objects.filter(project_id=project_id).aggregate(
        spent=Sum("spent", default=0), reserved=Sum("reserved", default=0)
    )
    return Balance(spent=sums["spent"], reserved=sums["reserved"])


def _held(account: Account) -> LedgerEntry:
    """The order's reserve; without one LedgerEntry.DoesNotExist, a fault of the caller."""
    return LedgerEntry.objects.get(generation=account.generation, kind=EntryKind.RESERVE)


def _write(
    account: Account, kind: EntryKind, ordered_at: datetime, *, reserved: int, spent: int, note: str = ""
) -> None:
    with transaction.atomic():
        LedgerEntry.objects.create(
            generation=account.generation,
            kind=kind,
            reserved=reserved,
            spent=spent,
            project_id=account.project_id,
            user_id=account.user_id,
            model=account.model,
            route=account.route,
            note=note[:200],
            ordered_at=ordered_at,
        )
        if reserved + spent > 0:
            budgets.note(account.project_id, account.user_id, ordered_at)
