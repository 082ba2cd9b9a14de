"""On PostgreSQL the dispatcher hears of a commit; it does not wait for its next round."""

import os
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest

from tests import services

pytestmark = [pytest.mark.scale, pytest.mark.slow]
ROOT = Path(__file__).resolve().parents[2]
CHANGE = "UPDATE generations_generation SET state = state"
HEARS = """
import asyncio, os, django
django.setup()
from django.db import connection
from generations.dispatch.database import read
from generations.dispatch.news import News

def change():
    with connection.cursor() as cursor:
        cursor.execute(os.environ["CHANGE"])

async def now(news):
    version, _ = await news.since(None, list)
    return version

async def until(news, version):
    while await now(news) == version:
        await asyncio.sleep(0.01)
    return await now(news)

async def hear():
    news = News()
    ear = asyncio.create_task(news.listen())
    version = await until(news, 0)
    await read(change)
    await asyncio.sleep(0.5)
    print("own" if await now(news) != version else "listening", flush=True)
    await until(news, version)
    print("heard", flush=True)
    ear.cancel()

asyncio.run(asyncio.wait_for(hear(), 120))
"""


def test_a_commit_of_another_process_is_heard_and_an_own_one_is_not(tmp_path):
    with services.database() as url:
        env = {
            **os.environ,
            "FRAMEHOUSE_DATA": str(tmp_path),
            "DATABASE_URL": url,
            "DJANGO_SETTINGS_MODULE": "studio.settings",
            "CHANGE": CHANGE,
        }
        subprocess.run([sys.executable, "manage.py", "migrate", "-v0"], env=env, cwd=ROOT, check=True)
        with (
            subprocess.Popen(
                [sys.executable, "-c", HEARS], env=env, cwd=ROOT, stdout=subprocess.PIPE, text=True
            ) as ear,
            psycopg.connect(url, autocommit=True) as other,
        ):
            assert ear.stdout is not None
            assert ear.stdout.readline() == "listening\n"
            other.execute(CHANGE)
            assert ear.stdout.readline() == "heard\n"
