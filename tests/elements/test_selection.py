"""Which photos go where: as each route takes them, the best-scored angles first."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from elements.selection import Candidate, best_first, choose, lines
from providers import catalogue

FAL, KLING, DRAFT, RUNWARE = (
    catalogue.endpoint(f"{route}-o3-text") for route in ("fal", "kling", "draft", "runware")
)


def candidates(*scores: int) -> list[Candidate]:
    return [Candidate(position, f"photo {position}", score) for position, score in enumerate(scores)]


def test_the_best_angles_follow_the_front_whatever_its_own_score() -> None:
    assert [one.position for one in best_first(candidates(10, 50, 90, 90))] == [0, 2, 3, 1]


def test_fal_gets_the_front_and_up_to_three() -> None:
    assert choose(candidates(10), FAL).positions == (0,)
    assert choose(candidates(10, 20, 30), FAL).positions == (0, 2, 1)
    chosen = choose(candidates(10, 20, 30, 40, 50), FAL)
    assert (chosen.positions, chosen.left_out) == ((0, 4, 3, 2), (1,))


def test_kling_gets_the_front_twice_when_it_is_alone() -> None:
    alone = choose(candidates(80), KLING)
    assert (alone.positions, alone.front_again) == ((0, 0), True)
    pair = choose(candidates(80, 10), KLING)
    assert (pair.positions, pair.front_again) == ((0, 1), False)
    assert choose(candidates(80, 1, 2, 3, 4), KLING).positions == (0, 4, 3, 2)


def test_draft_looks_at_the_front_alone() -> None:
    assert choose(candidates(1, 99), DRAFT).positions == (0,)


def test_runware_gets_the_front_as_a_reference() -> None:
    chosen = choose(candidates(1, 99), RUNWARE)
    assert (chosen.positions, chosen.as_reference) == ((0,), True)


@pytest.mark.parametrize("endpoint", catalogue.endpoints(), ids=lambda row: row.key)
@given(scores=st.lists(st.integers(0, 100), min_size=1, max_size=11))
def test_the_choice_keeps_every_limit_and_loses_no_photo(
    endpoint: catalogue.Endpoint, scores: list[int]
) -> None:
    chosen = choose(candidates(*scores), endpoint)
    angles = chosen.positions[1:]
    assert chosen.positions[0] == 0
    if endpoint.elements_max:
        assert endpoint.angles_min <= len(angles) <= max(endpoint.angles_min, endpoint.angles_max)
    assert {*chosen.positions, *chosen.left_out} == set(range(len(scores)))
    assert not set(chosen.positions) & set(chosen.left_out)
    sent = [scores[position] for position in angles if position]
    assert sent == sorted(sent, reverse=True)
    assert all(scores[left] <= least for left in chosen.left_out for least in sent[-1:])


def test_every_route_says_what_it_gets() -> None:
    said = {line.route: line.text for line in lines(candidates(10, 20, 30, 40, 50))}
    assert said == {
        "Draft": "the front (of 5)",
        "fal.ai": "the front, photo 4, photo 3, photo 2 (the best of 5)",
        "Runware": "the front, as an ordered reference: this route has no elements",
        "Kling": "the front, photo 4, photo 3, photo 2 (the best of 5)",
    }
    alone = {line.route: line.text for line in lines(candidates(10))}
    assert alone["Kling"] == "the front twice, since it wants an angle and there is none"


@given(scores=st.permutations([5, 15, 25, 35, 45]))
def test_the_order_of_places_never_changes_which_angles_are_best(scores: list[int]) -> None:
    sent = choose(candidates(50, *scores), FAL).positions[1:]
    assert [[50, *scores][position] for position in sent] == [45, 35, 25]
