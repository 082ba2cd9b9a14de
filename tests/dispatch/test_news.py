"""On SQLite the dispatcher hears of a commit without waiting for its next round, and is idle otherwise."""

import sqlite3
from collections.abc import Awaitable, Callable
from contextlib import closing

import pytest
from asgiref.sync import async_to_sync, sync_to_async
from django.db import connection

from generations import heartbeats
from generations.dispatch.news import News

type Heard = Callable[[], Awaitable[bool]]

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def on_sqlite() -> None:
    if connection.vendor != "sqlite":
        pytest.skip("PostgreSQL tells of commits: tests/scale/test_news.py")


def _with_news(work: Callable[[Heard], Awaitable[None]]) -> None:
    """Run `work`, handed what answers whether there is news since it was asked last."""

    async def run() -> None:
        version: int | None = None

        async def heard() -> bool:
            nonlocal version
            version, found = await news.since(version, lambda: "looked")
            return found is not None

        with closing(News()) as news:
            await heard()
            await work(heard)

    async_to_sync(run)()


def _somebody_else_commits() -> None:
    with closing(sqlite3.connect(connection.settings_dict["NAME"])) as other:
        other.execute("CREATE TABLE told (at)")
        other.execute("DROP TABLE told")


def test_a_commit_of_somebody_else_is_news_once():
    async def work(heard: Heard) -> None:
        _somebody_else_commits()
        assert await heard()
        assert not await heard()

    _with_news(work)


def test_an_own_commit_is_no_news():
    async def work(heard: Heard) -> None:
        await sync_to_async(heartbeats.beat)("dispatcher")
        assert not await heard()

    _with_news(work)


def test_while_nobody_commits_the_database_is_left_alone(django_assert_num_queries):
    async def work(heard: Heard) -> None:
        for _ in range(10):
            assert not await heard()

    with django_assert_num_queries(1):  # the first look
        _with_news(work)
