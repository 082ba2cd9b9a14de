"""The life of a generation: who may move it where, and that money and pictures always add up."""

import uuid

import pytest
from django.db.models import Sum
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from generations import dispatcher, horizons, pipeline, plan
from generations.models import TERMINAL, Event, Generation, Output, OutputState, State
from spend.models import LedgerEntry
from tests.examples import examples
from tests.factories import make_blob, make_generation, make_intent, make_project, make_user

pytestmark = pytest.mark.django_db


def balanced(generation: Generation) -> bool:
    sums = LedgerEntry.objects.filter(generation=generation.uuid).aggregate(Sum("reserved"))
    kinds = list(LedgerEntry.objects.filter(generation=generation.uuid).values_list("kind", flat=True))
    return sums["reserved__sum"] == 0 and len(kinds) == 2


def claims(generation: Generation) -> list[pipeline.Claim]:
    found = [pipeline.claim(pk, "test") for pk in generation.outputs.values_list("pk", flat=True)]
    return [held for held in found if held]


def test_a_new_generation_holds_its_places_and_reserves_its_price():
    generation = make_generation(make_project(), count=4)
    assert generation.state == State.QUEUED
    assert generation.outputs.filter(state=OutputState.PENDING).count() == 4
    assert LedgerEntry.objects.get(generation=generation.uuid).kind == "reserve"


def test_the_gallery_reads_the_pictures_of_a_generation_in_order():
    generation = make_generation(make_project(), count=4)
    newest_first = generation.outputs.order_by("-created_at", "-id")
    assert [output.index for output in newest_first] == [0, 1, 2, 3]


def test_the_same_form_key_gives_the_same_generation():
    intent = make_intent(make_project(), make_user(), form_key=uuid.uuid4())
    assert plan.start(intent).pk == plan.start(intent).pk
    assert Generation.objects.count() == 1
    assert LedgerEntry.objects.count() == 1


def test_the_same_form_key_with_another_request_is_refused():
    project, user, key = make_project(), make_user(), uuid.uuid4()
    plan.start(make_intent(project, user, prompt="a fox", form_key=key))
    with pytest.raises(plan.FormKeyReused):
        plan.start(make_intent(project, user, prompt="a wolf", form_key=key))
    assert Generation.objects.count() == 1


def test_an_output_is_claimed_by_one_worker_only():
    generation = make_generation(make_project())
    assert len(claims(generation)) == 1
    assert claims(generation) == []


def test_an_expired_lease_is_taken_again_and_the_first_worker_writes_nothing():
    generation = make_generation(make_project())
    first = claims(generation)[0]
    Output.objects.update(lease_until=timezone.now() - horizons.LEASE)
    second = claims(generation)[0]
    assert not pipeline.renew(first)
    assert not pipeline.store(first, make_blob(), "first")
    assert pipeline.store(second, make_blob(), "second")
    assert Event.objects.filter(to_state=OutputState.STORED).count() == 1


def test_the_last_picture_ends_the_generation_and_settles_it():
    generation = make_generation(make_project(), count=2)
    for held in claims(generation):
        pipeline.store(held, make_blob(), "test")
    generation.refresh_from_db()
    assert (generation.state, generation.cost_micro_usd) == (State.SUCCEEDED, 0)
    assert generation.finished_at is not None
    assert balanced(generation)


def test_some_pictures_make_it_partial_and_none_make_it_failed():
    some, none = (make_generation(make_project(name=name), count=2) for name in ("One", "Two"))
    first, second = claims(some)
    pipeline.store(first, make_blob(), "test")
    pipeline.fail(second, "The set fell over.", "test")
    for held in claims(none):
        pipeline.fail(held, "The set fell over.", "test")
    some.refresh_from_db()
    none.refresh_from_db()
    assert (some.state, none.state) == (State.PARTIAL, State.FAILED)
    assert none.error == "The set fell over."
    assert balanced(some)
    assert balanced(none)


def test_cancelling_gives_the_reserve_back_and_late_pictures_are_not_taken():
    generation = make_generation(make_project(), count=2)
    held = claims(generation)[0]
    assert pipeline.cancel(generation, "Ana")
    assert not pipeline.store(held, make_blob(), "test")
    assert not pipeline.cancel(generation, "Ana")
    generation.refresh_from_db()
    assert generation.state == State.CANCELLED
    assert balanced(generation)


def test_a_move_that_the_table_does_not_know_is_an_error():
    generation = make_generation(make_project())
    with pytest.raises(ValueError, match="does not go from queued to succeeded"):
        pipeline.move(generation, State.SUCCEEDED, actor="test")


def test_the_dispatcher_rings_for_what_nobody_holds_and_only_once_in_a_while():
    make_generation(make_project(), count=3)
    assert dispatcher.ring_forgotten() == 0
    Output.objects.update(rung_at=timezone.now() - 2 * horizons.RING_AGAIN)
    assert dispatcher.ring_forgotten() == 3
    assert dispatcher.ring_forgotten() == 0


@settings(
    max_examples=examples(60), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    steps=st.lists(st.sampled_from(["claim", "store", "fail", "expire", "cancel", "stale"]), max_size=14),
    count=st.integers(1, 3),
)
def test_any_order_of_events_keeps_the_books_balanced(steps: list[str], count: int):
    project = make_project(name=f"Walk {uuid.uuid4().hex}")
    generation = make_generation(project, count=count)
    blob = make_blob()
    held: list[pipeline.Claim] = []
    for step in steps:
        if step == "claim":
            held = [*claims(generation), *held]
        elif step == "expire":
            Output.objects.filter(generation=generation).update(lease_until=timezone.now() - horizons.LEASE)
        elif step == "cancel":
            pipeline.cancel(generation, "Ana")
        elif held:
            take = held.pop(-1 if step == "stale" else 0)
            if step == "fail":
                pipeline.fail(take, "The set fell over.", "test")
            else:
                pipeline.store(take, blob, "test")
    _finish(generation, blob)
    generation.refresh_from_db()
    assert generation.state in TERMINAL
    assert balanced(generation)
    assert not generation.outputs.filter(state=OutputState.PENDING).exists()
    _told_legally(generation)


def _finish(generation: Generation, blob: object) -> None:
    Output.objects.filter(generation=generation).update(lease_until=None)
    for held in claims(generation):
        pipeline.store(held, blob, "test")  # type: ignore[arg-type]


def _told_legally(generation: Generation) -> None:
    """The events of the generation itself form one path through the table."""
    events = generation.events.filter(output=None).order_by("pk").values_list("from_state", "to_state")
    state = ""
    for old, new in events:
        assert old == state
        assert old == "" or new in pipeline.MOVES[old]
        state = new
