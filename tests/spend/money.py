"""Orders that cost money, for tests: straight into the ledger, or through a plan with a price."""

from uuid import UUID, uuid4

from accounts.models import User
from generations import plan
from projects.models import Project
from providers import catalogue
from spend import ledger
from tests.factories import make_intent

PAID = "fal-o3-text"


def make_order(
    project: Project,
    user: User | None = None,
    reserved: int = 0,
    spent: int | None = None,
    model: str = "o3",
    route: str = "fal",
    generation: UUID | None = None,
) -> ledger.Account:
    """An order in the ledger, settled where `spent` is given; figures are micro-USD."""
    account = ledger.Account(
        generation or uuid4(), project.pk, user.pk if user is not None else None, model, route
    )
    ledger.reserve(account, reserved)
    if spent is not None:
        ledger.settle(account, spent)
    return account


def price(count: int = 1) -> int:
    """Micro-USD of so many pictures on the paid endpoint."""
    return ledger.to_micro(catalogue.estimate(catalogue.endpoint(PAID), "1K", count))


def paid_intent(project: Project, user: User | None = None, count: int = 1) -> plan.Intent:
    return make_intent(project, user, count=count, endpoint=PAID)
