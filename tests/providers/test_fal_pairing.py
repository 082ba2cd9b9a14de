"""Lost orders of one body at fal: any pairing is right as long as nobody else can have sent one of them."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from providers.fal import paired

NOON = datetime(2026, 8, 1, 12, tzinfo=UTC)
BEFORE, AFTER = timedelta(minutes=2), timedelta(minutes=3)
minute = st.integers(0, 60).map(lambda seconds: NOON + timedelta(seconds=seconds))
quarter = st.integers(0, 900).map(lambda seconds: NOON + timedelta(seconds=seconds))


def settled(sent: list[datetime], twins: dict[str, datetime | None], order: list[int]) -> dict[int, str]:
    """Attempt to the request that it took, when they look one after the other until nothing changes."""
    took: dict[int, str] = {}
    for one in order * len(order):
        if one in took:
            continue
        left = {name: at for name, at in twins.items() if name not in took.values() and _fits(at, sent[one])}
        others = [sent[other] for other in order if other != one and other not in took]
        if left and (name := paired(left, sent[one], others)):
            took[one] = name
    return took


def _fits(at: datetime | None, sent: datetime) -> bool:
    return at is None or sent - BEFORE <= at <= sent + AFTER


@given(st.data(), st.lists(minute, min_size=1, max_size=6), st.lists(st.none() | minute, max_size=8))
def test_sent_at_one_time_all_are_found_or_with_a_stranger_none(
    data: st.DataObject, sent: list[datetime], came: list[datetime | None]
) -> None:
    twins = {f"r-{number}": at for number, at in enumerate(came)}
    took = settled(sent, twins, data.draw(st.permutations(range(len(sent)))))
    assert len(set(took.values())) == len(took)
    assert set(took.values()) == (set(twins) if len(twins) <= len(sent) else set())


@given(st.data(), st.lists(quarter, min_size=1, max_size=6), st.lists(quarter, max_size=8))
def test_nobody_takes_what_came_at_another_time_or_is_taken(
    data: st.DataObject, sent: list[datetime], came: list[datetime]
) -> None:
    twins: dict[str, datetime | None] = {f"r-{number}": at for number, at in enumerate(came)}
    took = settled(sent, twins, data.draw(st.permutations(range(len(sent)))))
    assert len(set(took.values())) == len(took)
    assert all(_fits(twins[name], sent[one]) for one, name in took.items())


def test_one_sent_long_before_explains_nothing() -> None:
    twins: dict[str, datetime | None] = {"r-1": NOON, "r-2": NOON + timedelta(seconds=5)}
    assert paired(twins, NOON, [NOON + timedelta(seconds=4)]) == "r-1"
    assert paired(twins, NOON, [NOON - timedelta(minutes=9)]) == ""
    assert paired(twins, NOON, []) == ""


def test_the_closest_in_time_is_taken() -> None:
    twins: dict[str, datetime | None] = {
        "r-1": NOON + timedelta(seconds=50),
        "r-2": NOON + timedelta(seconds=9),
        "r-3": None,
    }
    assert paired(twins, NOON + timedelta(seconds=10), [NOON, NOON]) == "r-2"
