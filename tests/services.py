"""PostgreSQL and Redis on loopback, for the tests of scaling out."""

import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit
from uuid import uuid4

import psycopg
from psycopg import sql

POSTGRES = os.environ.get("STUDIO_TEST_POSTGRES", "postgres://postgres@127.0.0.1:5432/postgres")
REDIS = os.environ.get("STUDIO_TEST_REDIS", "redis://127.0.0.1:6379/9")


def reachable() -> bool:
    return all(_listens(url) for url in (POSTGRES, REDIS))


def required() -> bool:
    return os.environ.get("STUDIO_REQUIRE_SERVICES") == "1"


@contextmanager
def database() -> Iterator[str]:
    """The URL of an empty PostgreSQL database that is dropped at the end."""
    name = f"framehouse_test_{uuid4().hex[:12]}"
    with psycopg.connect(POSTGRES, autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        try:
            yield urlsplit(POSTGRES)._replace(path=f"/{name}").geturl()
        finally:
            connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def _listens(url: str) -> bool:
    parts = urlsplit(url)
    try:
        with socket.create_connection((parts.hostname or "127.0.0.1", parts.port or 0), timeout=2):
            return True
    except OSError:
        return False
