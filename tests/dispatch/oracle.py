"""What must be true after everything: one charge an intent, books that equal the bill, no picture lost."""

from django.db.models import QuerySet, Sum

from generations.models import TERMINAL, Generation, Output, OutputState, State
from spend.models import LedgerEntry
from tests.paid import Sandbox

OPEN = (State.NEEDS_DECISION,)


def check(room: Sandbox, charges: int = 1, lost: int = 0) -> None:
    """Hold every paid generation against the sandbox's bill.

    `charges` is how often one may be charged, `lost` how many pictures of all could not be fetched.
    """
    lines = room.bill()
    stored = made = spent = 0
    for generation in Generation.objects.exclude(route="draft"):
        own = _own(generation, lines)
        assert generation.state in (*TERMINAL, *OPEN), generation.state
        assert len([line for line in own if line["charged"]]) <= charges, own
        assert len(own) <= generation.attempts.count()
        paid = sum(int(str(line["charged"] or 0)) for line in own)
        assert books(generation) == (paid, 0 if generation.is_finished else generation.estimate_micro_usd)
        assert (generation.cost_micro_usd or 0) == paid
        made += sum(_made(line) for line in own)
        stored += generation.outputs.filter(state=OutputState.STORED).count()
        spent += paid
        lines = [line for line in lines if line not in own]
    assert not lines, "somebody else's order"
    assert (spent, stored) == (room.charged(), made - lost)
    assert not _open_outputs()


def books(generation: Generation) -> tuple[int, int]:
    """What was spent and what is still reserved, in micro-USD."""
    sums = entries(generation).aggregate(spent=Sum("spent", default=0), reserved=Sum("reserved", default=0))
    return sums["spent"], sums["reserved"]


def entries(generation: Generation) -> QuerySet[LedgerEntry]:
    return LedgerEntry.objects.filter(generation=generation.uuid).order_by("pk")


def _own(generation: Generation, lines: list[dict[str, object]]) -> list[dict[str, object]]:
    """Lines of its attempts: each carries our number of one, at fal in the address of its webhook."""
    numbers = [str(uuid) for uuid in generation.attempts.values_list("uuid", flat=True)]
    return [line for line in lines if any(number in str(line["reference"]) for number in numbers)]


def _made(line: dict[str, object]) -> int:
    """Pictures that were made; only these are charged."""
    if line["outcome"] != "done":
        return 0
    return int(str(line["charged"])) // int(str(line["unit_price"]))


def _open_outputs() -> bool:
    ended = Output.objects.filter(generation__state__in=TERMINAL)
    return ended.filter(state=OutputState.PENDING).exists()
