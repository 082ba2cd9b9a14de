"""C61 and the horizon: nobody can tell whether fal took an order, so a person decides."""

from datetime import timedelta

import pytest

from accounts.models import User
from generations import horizons, unknowns
from generations.models import Generation, Outcome, OutputState, State
from projects.models import Project
from spend.models import EntryKind, LedgerEntry
from tests.dispatch import oracle
from tests.dispatch.hands import fresh, states
from tests.paid import ENDPOINTS, Sandbox, dispatch, dispatch_all, make_key, order


@pytest.fixture(autouse=True)
def _soon(room: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    """A second in place of two hours, and looks as often as after a lost answer."""
    monkeypatch.setattr(horizons, "DECIDE", timedelta(seconds=0.5))
    monkeypatch.setattr(horizons, "LOOK_AGAIN", (timedelta(seconds=0.1),))
    monkeypatch.setattr(horizons, "LOOK_SLOWLY", timedelta(seconds=0.2))


def lost(project: Project, room: Sandbox, when: str) -> Generation:
    """An order at fal that waits for a person; `when` the answer was lost, "before" or "after" acceptance.

    fal's history is silent, so nothing is found, until the sandbox is healed.
    """
    make_key("fal")
    room.fault("close", operation="submit", when=when)
    room.fault("error", operation="history", kind="server", times=0)
    generation = order(project, ENDPOINTS["fal"])
    dispatch_all()
    (now,) = fresh([generation])
    assert now.state == State.NEEDS_DECISION
    assert oracle.books(now) == (0, now.estimate_micro_usd)
    return now


def turned_up(generation: Generation) -> bool:
    """Whether every attempt has ended by the provider's word, and what it made is here."""
    done = not generation.attempts.filter(is_done=False).exists()
    return done and not generation.outputs.filter(state=OutputState.PENDING).exists()


def test_what_never_arrived_waits_with_its_money_reserved(project: Project, room: Sandbox) -> None:
    generation = lost(project, room, "before")
    assert room.bill() == []
    said = generation.events.filter(to_state=State.NEEDS_DECISION).get().note
    assert "Somebody has to decide" in said
    assert generation.attempts.get().outcome == Outcome.UNKNOWN


def test_sent_again_it_is_made_and_paid_once(project: Project, room: Sandbox, ana: User) -> None:
    generation = lost(project, room, "before")
    assert unknowns.send_again(generation, ana)
    dispatch_all()
    assert states([generation]) == {State.SUCCEEDED}
    assert [one.outcome for one in generation.attempts.order_by("number")] == [
        Outcome.ABANDONED,
        Outcome.ACCEPTED,
    ]
    assert len(room.bill()) == 1
    oracle.check(room)


def test_given_up_its_money_is_free_again(project: Project, room: Sandbox, ana: User) -> None:
    generation = lost(project, room, "before")
    assert unknowns.give_up(generation, ana)
    dispatch_all()
    assert states([generation]) == {State.FAILED}
    assert oracle.books(generation) == (0, 0)
    assert _kinds(generation) == [EntryKind.RESERVE, EntryKind.RELEASE]
    oracle.check(room)


def test_told_its_number_it_goes_on(project: Project, room: Sandbox, ana: User) -> None:
    generation = lost(project, room, "after")
    (line,) = room.bill()
    assert unknowns.it_ran(generation, str(line["task"]), ana)
    dispatch_all()
    assert states([generation]) == {State.SUCCEEDED}
    assert len(room.bill()) == 1
    oracle.check(room)


def test_the_number_of_another_order_is_not_taken(project: Project, room: Sandbox, ana: User) -> None:
    make_key("fal")
    other = order(project, ENDPOINTS["fal"], prompt="A pier")
    dispatch_all()
    generation = lost(project, room, "after")
    assert not unknowns.it_ran(generation, other.attempts.get().remote_id, ana)
    assert states([generation]) == {State.NEEDS_DECISION}
    room.heal()
    dispatch(lambda: states([generation]) == {State.SUCCEEDED})
    oracle.check(room)


def test_a_number_that_the_provider_does_not_know_leaves_the_decision_open(
    project: Project, room: Sandbox, ana: User
) -> None:
    generation = lost(project, room, "before")
    assert unknowns.it_ran(generation, "00000000-1111-4222-8333-444444444444", ana)
    assert states([generation]) == {State.SUBMITTED}
    dispatch(lambda: states([generation]) == {State.NEEDS_DECISION})
    assert unknowns.give_up(Generation.objects.get(), ana)
    assert room.bill() == []


def test_what_is_found_meanwhile_needs_no_decision(project: Project, room: Sandbox, ana: User) -> None:
    generation = lost(project, room, "after")
    room.heal()
    dispatch(lambda: states([generation]) == {State.SUCCEEDED})
    assert not unknowns.send_again(generation, ana)
    assert not unknowns.give_up(generation, ana)
    assert len(room.bill()) == 1
    oracle.check(room)


def test_sent_again_and_the_first_turns_up_both_are_kept_and_paid(
    project: Project, room: Sandbox, ana: User
) -> None:
    generation = lost(project, room, "after")
    assert unknowns.send_again(generation, ana)
    dispatch_all()
    room.heal()
    dispatch(lambda: turned_up(generation))
    dispatch_all()
    assert generation.outputs.filter(state=OutputState.STORED).count() == 2
    assert len(room.bill()) == 2
    first = generation.attempts.get(number=1)
    assert (first.outcome, first.is_late) == (Outcome.ACCEPTED, True)
    assert _kinds(generation) == [EntryKind.RESERVE, EntryKind.SETTLE, EntryKind.ADJUST]
    oracle.check(room, charges=2)


def test_a_late_result_after_giving_up_is_kept_and_adjusted(
    project: Project, room: Sandbox, ana: User
) -> None:
    generation = lost(project, room, "after")
    assert unknowns.give_up(generation, ana)
    assert oracle.books(generation) == (0, 0)
    room.heal()
    dispatch(lambda: turned_up(generation))
    dispatch_all()
    (now,) = fresh([generation])
    assert generation.outputs.filter(state=OutputState.STORED).count() == 1
    assert _kinds(now) == [EntryKind.RESERVE, EntryKind.RELEASE, EntryKind.ADJUST]
    assert now.cost_micro_usd == room.charged() > 0
    oracle.check(room)


def test_a_decision_is_taken_once(project: Project, room: Sandbox, ana: User) -> None:
    generation = lost(project, room, "before")
    assert unknowns.give_up(generation, ana)
    assert not unknowns.send_again(generation, ana)
    assert not unknowns.it_ran(generation, "x", ana)
    dispatch_all()
    assert room.bill() == []


@pytest.mark.parametrize("route", ["runware", "kling"])
def test_where_our_number_counts_nobody_has_to_decide(project: Project, room: Sandbox, route: str) -> None:
    """Even past the horizon the number settles it by itself."""
    make_key(route)
    room.fault("close", operation="submit", when="before")
    generation = order(project, ENDPOINTS[route])
    dispatch(lambda: states([generation]) == {State.SUCCEEDED})
    assert len(room.bill()) == 1
    oracle.check(room)


def _kinds(generation: Generation) -> list[str]:
    entries = LedgerEntry.objects.filter(generation=generation.uuid).order_by("pk")
    return list(entries.values_list("kind", flat=True))
