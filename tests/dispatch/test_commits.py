"""Changes of rows go to the disk together, and what is urgent before what is not."""

import asyncio
from collections.abc import Callable, Sequence

import pytest
from asgiref.sync import async_to_sync

from generations.dispatch.database import SOON, change, change_many
from generations.horizons import GATHERED
from projects.models import Project
from tests.factories import make_project

pytestmark = pytest.mark.django_db


def noted(calls: list[list[str]]) -> Callable[[Sequence[str]], Sequence[str]]:
    """Work that notes what it was handed, and answers it in capitals."""

    def work(given: Sequence[str]) -> list[str]:
        calls.append(list(given))
        return [one.upper() for one in given]

    return work


def test_what_comes_while_others_wait_is_handed_over_together_and_answered_each() -> None:
    calls: list[list[str]] = []
    work = noted(calls)

    @async_to_sync
    async def run() -> list[str]:
        first = await change_many(work, "a", GATHERED)
        return [first, *await asyncio.gather(*(change_many(work, one, GATHERED) for one in "bcd"))]

    assert run() == ["A", "B", "C", "D"]
    assert calls == [["a"], ["b", "c", "d"]]


def test_what_is_urgent_does_not_wait_for_what_is_gathered() -> None:
    calls: list[list[str]] = []
    work = noted(calls)

    @async_to_sync
    async def run() -> None:
        await change_many(work, "order", GATHERED)
        later = asyncio.create_task(change_many(work, "next order", GATHERED))
        await asyncio.sleep(0)
        await change_many(work, "picture", SOON)
        assert not later.done()
        await later

    run()
    assert calls == [["order"], ["picture"], ["next order"]]


def test_what_fails_is_undone_alone() -> None:
    def made(name: str) -> None:
        make_project(name)
        if name == "bad":
            raise LookupError(name)

    @async_to_sync
    async def run() -> list[object]:
        await change(made, "first")
        return list(
            await asyncio.gather(
                *(change(made, one) for one in ("good", "bad", "fine")), return_exceptions=True
            )
        )

    good, bad, fine = run()
    assert (good, fine) == (None, None)
    assert isinstance(bad, LookupError)
    assert set(Project.objects.values_list("name", flat=True)) == {"first", "good", "fine"}
