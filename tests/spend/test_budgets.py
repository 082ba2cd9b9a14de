"""Budgets block before anything is sent."""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from uuid import uuid4

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import IntegrityError, transaction
from django.utils import timezone

from generations import plan
from generations.models import Generation
from providers.catalogue import lookup
from spend import budgets, ledger
from spend.models import Budget, BudgetAlert, LedgerEntry, Period
from tests.factories import make_generation, make_intent, make_project, make_series, make_user
from tests.spend.money import make_order, paid_intent, price

pytestmark = pytest.mark.django_db
CENT = 10_000


@pytest.fixture
def priced(monkeypatch):
    """The draft endpoint costs 25 cents a picture, so that forms reach a price without a key."""
    row = lookup.endpoint("draft-o3-text")
    costs = {resolution: Decimal("0.25") for resolution in row.prices}
    monkeypatch.setitem(lookup._ENDPOINTS, row.key, replace(row, prices=costs))


def limit(project=None, user=None, period=Period.TOTAL, micro=0):
    budgets.set_limit(project, user, period, micro)


def test_an_order_that_fits_is_taken_and_the_next_is_refused_with_what_is_left(project, ana):
    limit(project, micro=price(3))
    plan.start(paid_intent(project, ana, count=2))
    with pytest.raises(budgets.Exceeded) as refusal:
        plan.start(paid_intent(project, ana, count=2))
    assert str(refusal.value) == (
        "The budget of Night Market has $0.028 left, and this would cost $0.056. Nothing was sent or charged."
    )
    assert Generation.objects.count() == 1


def test_a_batch_of_several_orders_is_refused_as_a_whole_at_its_whole_price(project, ana):
    limit(project, micro=price(11))
    with pytest.raises(budgets.Exceeded, match=r"\$0\.308 left, and this would cost \$0\.336\."):
        plan.start(paid_intent(project, ana, count=12))
    assert not Generation.objects.exists()
    assert not LedgerEntry.objects.exists()


def test_what_is_free_passes_every_budget(project, ana):
    limit(project, micro=0)
    limit(micro=0)
    make_generation(project, ana)
    assert Generation.objects.count() == 1


@pytest.mark.parametrize(
    ("of_project", "of_person", "name"),
    [
        (True, False, "The budget of Night Market"),
        (False, True, "The budget of ana"),
        (True, True, "The budget of ana in Night Market"),
        (False, False, "The budget of the studio"),
    ],
)
@pytest.mark.parametrize("period", list(Period))
def test_every_kind_of_budget_blocks_whom_it_concerns_and_nobody_else(
    project, ana, of_project, of_person, name, period
):
    ben, other = make_user("ben@example.com"), make_project("Other")
    limit(project if of_project else None, ana if of_person else None, period, micro=price() - 1)
    with pytest.raises(budgets.Exceeded) as refusal:
        plan.start(paid_intent(project, ana))
    span = f" for {timezone.now():%B %Y}" if period == Period.MONTH else ""
    assert str(refusal.value).startswith(f"{name}{span} has ")
    for free, who, where in ((of_person, ben, project), (of_project, ana, other)):
        if free:
            plan.start(paid_intent(where, who))


def test_work_of_nobody_counts_for_the_project_and_for_no_person(project, ana):
    limit(user=ana, micro=0)
    plan.start(paid_intent(project, None))
    limit(project, micro=price())
    with pytest.raises(budgets.Exceeded):
        plan.start(paid_intent(project, None))


def test_a_released_order_gives_its_money_back_to_the_budget(project, ana):
    limit(project, micro=CENT)
    account = make_order(project, ana, reserved=CENT)
    with pytest.raises(budgets.Exceeded, match="nothing left"):
        make_order(project, ana, reserved=1)
    ledger.release(account)
    make_order(project, ana, reserved=CENT)


def test_an_order_counts_in_the_month_of_its_reserve_also_when_it_is_settled_later(project, ana):
    limit(project, None, Period.MONTH, micro=CENT)
    account = make_order(project, ana, reserved=CENT)
    last = datetime(2020, 1, 31, 23, 59, tzinfo=UTC)
    LedgerEntry.objects.update(ordered_at=last, at=last)
    ledger.settle(account, CENT)
    ledger.adjust(account, CENT, "The provider charged twice.")
    assert set(LedgerEntry.objects.values_list("ordered_at", flat=True)) == {last}
    assert BudgetAlert.objects.get(threshold=100, period_start="2020-01-01")
    make_order(project, ana, reserved=CENT)
    with pytest.raises(budgets.Exceeded):
        make_order(project, ana, reserved=1)


def test_what_is_charged_is_booked_whatever_the_budget_says(project, ana):
    limit(project, micro=CENT)
    make_order(project, ana, reserved=CENT, spent=3 * CENT)
    assert ledger.balance(project.pk) == ledger.Balance(3 * CENT, 0)
    with pytest.raises(budgets.Exceeded, match="nothing left"):
        make_order(project, ana, reserved=1)


def test_each_threshold_is_told_once_in_its_period(project, ana):
    limit(project, micro=100)
    limit(micro=1000, period=Period.MONTH)
    told = BudgetAlert.objects.filter(budget__project=project).order_by("threshold")
    for amount, thresholds in ((49, []), (1, [50]), (10, [50]), (30, [50, 80]), (10, [50, 80, 100])):
        make_order(project, ana, reserved=amount)
        assert list(told.values_list("threshold", flat=True)) == thresholds
    assert not BudgetAlert.objects.filter(budget__project=None).exists()


def test_a_refused_order_tells_no_threshold(project, ana):
    limit(project, micro=price())
    with pytest.raises(budgets.Exceeded):
        plan.start(paid_intent(project, ana, count=2))
    assert not BudgetAlert.objects.exists()


def test_a_raised_limit_forgets_thresholds_and_tells_them_again(project, ana):
    limit(project, micro=100)
    make_order(project, ana, reserved=85)
    limit(project, micro=150)
    assert list(BudgetAlert.objects.values_list("threshold", flat=True)) == [50]
    make_order(project, ana, reserved=50)
    assert sorted(BudgetAlert.objects.values_list("threshold", flat=True)) == [50, 80]


def test_the_database_keeps_one_budget_of_a_kind_and_none_below_zero(project, ana):
    Budget.objects.create(project=project, user=None, period="total", limit_micro_usd=1)
    for row in (
        {"project": project, "user": None, "period": "total", "limit_micro_usd": 2},
        {"project": None, "user": None, "period": "month", "limit_micro_usd": -1},
        {"project": None, "user": ana, "period": "week", "limit_micro_usd": 1},
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            Budget.objects.create(**row)


def test_a_request_that_the_catalogue_has_no_price_for_is_not_sent(project, ana):
    strange = replace(paid_intent(project, ana), resolution="16K")
    with pytest.raises(budgets.PriceUnknown, match=r"price is not known.*Nothing was sent or charged\."):
        plan.start(strange)
    assert not Generation.objects.exists()


def form(**more):
    return {
        "form_key": str(uuid4()), "mode": "still", "route": "draft", "model": "o3",
        "prompt": "A fox in the rain", "resolution": "1K", "aspect_ratio": "16:9", "count": "2",
        "format": "png", **more,
    }  # fmt: skip


def test_the_composer_keeps_the_form_and_says_what_is_left(web, project, priced):
    limit(project, micro=300_000)
    answer = web.post("/projects/night-market/generate", form())
    text = answer.content.decode()
    assert answer.status_code == 422
    assert "has $0.30 left, and this would cost $0.50. Nothing was sent or charged." in text
    assert "A fox in the rain" in text
    assert not Generation.objects.exists()


def test_a_retry_over_the_budget_says_so(web, project, ana, priced):
    generation = make_generation(project, ana)
    limit(project, micro=300_000)
    address = f"/generations/{generation.uuid}/retry"
    answer = web.post(address, headers={"HX-Request": "true"})
    assert answer.status_code == 422
    assert "Nothing was sent or charged." in answer["HX-Trigger"]
    assert "Nothing was sent or charged." in web.post(address, follow=True).content.decode()
    assert Generation.objects.count() == 1


def test_a_retry_of_what_is_not_offered_any_more_says_so(web, project, ana):
    generation = make_generation(project, ana)
    Generation.objects.update(request={**generation.request, "resolution": "16K"})
    answer = web.post(f"/generations/{generation.uuid}/retry", headers={"HX-Request": "true"})
    assert answer.status_code == 422
    assert "The price is not known" in answer["HX-Trigger"]


def test_a_retake_over_the_budget_says_so(web, project, ana, priced):
    series = make_series(project, ana)
    limit(project, micro=1)
    answer = web.post(
        f"/series/{series.uuid}/panels/1/retake", {"text": "Once more"}, headers={"HX-Request": "true"}
    )
    assert answer.status_code == 422
    assert "Nothing was sent or charged." in answer["HX-Trigger"]


def test_the_command_says_what_is_left(project, ana, priced):
    limit(project, micro=1)
    with pytest.raises(CommandError, match=r"would cost \$0\.25\. Nothing was sent or charged\."):
        call_command("generate", project="night-market", email=ana.email, prompt="A fox")


def test_the_same_press_twice_is_one_order_also_when_the_second_would_not_fit(project, ana):
    limit(project, micro=price())
    intent = paid_intent(project, ana)
    assert plan.start(intent).pk == plan.start(intent).pk
    assert make_intent(project, ana).form_key != intent.form_key
