"""Whom a movement of money concerns, and what it comes to."""

from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

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
