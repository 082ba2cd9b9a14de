"""The ledger adds up, whatever happens in whichever order."""

from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from spend import figures, ledger
from spend.models import EntryKind, LedgerEntry
from tests.factories import make_project
from tests.spend.money import make_order

AMOUNTS = st.integers(0, 10**9)
STEPS = st.lists(
    st.tuples(
        st.sampled_from(["reserve", "settle", "release", "adjust"]),
        st.integers(0, 2),
        AMOUNTS,
        st.booleans(),
    ),
    max_size=25,
)


@pytest.mark.django_db
@settings(max_examples=40, deadline=None)
@given(steps=STEPS)
def test_sums_equal_a_plain_model_and_an_order_closes_once(steps):
    project = make_project(slug=f"walk-{uuid4()}")
    accounts = [ledger.Account(uuid4(), project.pk, None, "o3", "fal") for _ in range(3)]
    held: dict[int, int] = {}
    closed: set[int] = set()
    spent = 0
    for act, which, amount, negative in steps:
        account = accounts[which]
        if act == "reserve":
            allowed = which not in held
            done = took_place(lambda a=account, n=amount: ledger.reserve(a, n))
            held |= {which: amount} if allowed else {}
        elif act == "adjust":
            allowed, change = which in held, -amount if negative else amount
            done = took_place(lambda a=account, n=change: ledger.adjust(a, n, "Later."))
            spent += change if allowed else 0
        else:
            allowed = which in held and which not in closed
            close = ledger.settle if act == "settle" else lambda a, _: ledger.release(a)
            done = took_place(lambda a=account, n=amount, close=close: close(a, n))
            if allowed:
                closed.add(which)
                spent += amount if act == "settle" else 0
        assert done == allowed
        reserved = sum(amount for key, amount in held.items() if key not in closed)
        assert ledger.balance(project.pk) == ledger.Balance(spent, reserved)
    ends = LedgerEntry.objects.filter(project_id=project.pk, kind__in=(EntryKind.SETTLE, EntryKind.RELEASE))
    assert ends.count() == len(closed)


def took_place(act) -> bool:
    try:
        with transaction.atomic():
            act()
    except (IntegrityError, LedgerEntry.DoesNotExist):
        return False
    return True


@pytest.mark.django_db
def test_later_facts_change_the_cost_any_number_of_times_and_say_why():
    project = make_project()
    account = make_order(project, reserved=500, spent=400)
    ledger.adjust(account, 100, "A picture turned up later.")
    ledger.adjust(account, -30, "A credit of the provider.")
    assert ledger.balance(project.pk) == ledger.Balance(470, 0)
    notes = LedgerEntry.objects.filter(kind="adjust").order_by("pk").values_list("note", flat=True)
    assert list(notes) == ["A picture turned up later.", "A credit of the provider."]


@pytest.mark.django_db
@pytest.mark.parametrize(
    "wrong",
    [
        {"kind": "reserve", "reserved": -1},
        {"kind": "reserve", "spent": 1},
        {"kind": "settle", "reserved": 1},
        {"kind": "release", "spent": 1},
        {"kind": "adjust", "reserved": 1},
        {"kind": "gift"},
    ],
)
def test_the_database_refuses_entries_that_move_what_their_kind_may_not(wrong):
    with pytest.raises(IntegrityError), transaction.atomic():
        LedgerEntry.objects.create(generation=uuid4(), project_id=1, model="o3", route="fal", **wrong)


@pytest.mark.parametrize(
    ("micro", "text"),
    [
        (0, "$0.00"),
        (28_000, "$0.028"),
        (1, "$0.000001"),
        (500_000, "$0.50"),
        (1_234_567_890_000, "$1,234,567.89"),
        (-1_200_500_000, "-$1,200.50"),
    ],
)
def test_money_has_as_many_decimals_as_it_needs(micro, text):
    assert figures.usd(micro) == text
