"""Writing the ledger and reading its sums; every figure is integer micro-USD."""

from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from django.db.models import Sum

from spend.models import EntryKind, LedgerEntry

MICRO = 1_000_000


@dataclass(frozen=True, slots=True)
class Account:
    """Whom a movement of money concerns."""

    generation: UUID
    project_id: int
    user_id: int | None
    model: str
    route: str


@dataclass(frozen=True, slots=True)
class Balance:
    """Sums of the ledger in micro-USD."""

    spent: int
    reserved: int


def to_micro(usd: Decimal) -> int:
    return int((usd * MICRO).to_integral_exact())


def reserve(account: Account, amount: int) -> None:
    _write(account, EntryKind.RESERVE, reserved=amount, spent=0)


def settle(account: Account, amount: int) -> None:
    """Charge `amount` and give back all that was reserved."""
    _write(account, EntryKind.SETTLE, reserved=-_reserved(account), spent=amount)


def release(account: Account) -> None:
    """Give back all that was reserved; nothing was charged."""
    _write(account, EntryKind.RELEASE, reserved=-_reserved(account), spent=0)


def balance(project_id: int) -> Balance:
    sums = LedgerEntry.objects.filter(project_id=project_id).aggregate(
        spent=Sum("spent"), reserved=Sum("reserved")
    )
    return Balance(spent=sums["spent"] or 0, reserved=sums["reserved"] or 0)


def balances(project_ids: list[int]) -> dict[int, Balance]:
    rows = (
        LedgerEntry.objects.filter(project_id__in=project_ids)
        .values("project_id")
        .annotate(total_spent=Sum("spent"), total_reserved=Sum("reserved"))
    )
    return {row["project_id"]: Balance(row["total_spent"], row["total_reserved"]) for row in rows}


def _reserved(account: Account) -> int:
    return LedgerEntry.objects.get(generation=account.generation, kind=EntryKind.RESERVE).reserved


def _write(account: Account, kind: EntryKind, *, reserved: int, spent: int) -> None:
    LedgerEntry.objects.create(
        generation=account.generation,
        kind=kind,
        reserved=reserved,
        spent=spent,
        project_id=account.project_id,
        user_id=account.user_id,
        model=account.model,
        route=account.route,
    )
