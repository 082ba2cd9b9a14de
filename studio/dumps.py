"""The database as one file, taken while the studio runs, and put back."""

import os
import shutil
import sqlite3
import subprocess
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.db import connection, connections, transaction
from django.db.backends.sqlite3._functions import register  # type: ignore[import-untyped]

from accounts.models import User
from elements.models import Element
from generations.models import Generation, Output
from media.models import Blob, Document
from projects.models import Project
from studio.archives import DATABASES, Refused

COUNTED = {
    "people": User,
    "projects": Project,
    "elements": Element,
    "generations": Generation,
    "outputs": Output,
}
# Somebody else's open transaction must not hold a restore for ever.
LOCK_TIMEOUT = "-c lock_timeout=15000"

Ask = Callable[[str], list[tuple[Any, ...]]]


@dataclass(frozen=True, slots=True)
class Dump:
    """A dump by its file's name, and what that state of the database names: hashes, counts, migrations."""

    name: str
    pictures: list[str]
    documents: list[str]
    counts: dict[str, int]
    migrations: dict[str, str]


def dump(folder: Path) -> Dump:
    """Write the database's file into `folder`. Raises Refused, and OSError on a full disk."""
    name = DATABASES[connection.vendor]
    return _dump_sqlite(folder / name) if connection.vendor == "sqlite" else _dump_postgres(folder / name)


def load(file: Path) -> None:
    """Put a dump in the place of the database. Raises Refused, and then nothing was changed."""
    connections.close_all()
    if connection.vendor == "sqlite":
        _load_sqlite(file)
    else:
        _load_postgres(file)


def check(file: Path) -> None:
    """Raise Refused unless a dump can be read; of PostgreSQL's only the table of contents is looked at."""
    if connection.vendor == "sqlite":
        with closing(sqlite3.connect(file)) as database:
            _check_sqlite(database)
    else:
        _run(["pg_restore", "--list", str(file)])


def _dump_sqlite(file: Path) -> Dump:
    try:
        with closing(sqlite3.connect(file)) as target:
            with closing(sqlite3.connect(connection.settings_dict["NAME"], timeout=20)) as source:
                source.backup(target)
            # Without a write-ahead log the file is whole by itself.
            target.execute("PRAGMA journal_mode=DELETE")
            _check_sqlite(target)
            return _described(file.name, lambda query: target.execute(query).fetchall())
    except sqlite3.Error as error:
        if error.sqlite_errorcode in (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR_WRITE):
            raise Refused("The disk is full.") from None
        raise Refused(f"The database could not be copied: {error}.") from None


def _check_sqlite(database: sqlite3.Connection) -> None:
    try:
        register(database)  # the constraints that are checked call Django's functions
        found = database.execute("PRAGMA integrity_check").fetchall()
    except sqlite3.DatabaseError as error:
        raise Refused(f"The database is damaged: {error}.") from None
    if found != [("ok",)]:
        raise Refused(f"The database is damaged: {found[0][0]}.")


def _load_sqlite(file: Path) -> None:
    place = Path(connection.settings_dict["NAME"])
    fresh = place.with_name(f"{place.name}.restoring")
    shutil.copyfile(file, fresh)
    fresh.chmod(0o600)
    _sync(fresh)
    # The old log must never meet the new file, so it goes first.
    for ending in ("-wal", "-shm", "-journal"):
        place.with_name(place.name + ending).unlink(missing_ok=True)
    fresh.replace(place)
    _sync(place.parent)


def _dump_postgres(file: Path) -> Dump:
    """What is asked and what is dumped see one snapshot."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        cursor.execute("SELECT pg_export_snapshot()")
        snapshot = cursor.fetchone()[0]

        def ask(query: str) -> list[tuple[Any, ...]]:
            cursor.execute(query)
            return list(cursor.fetchall())

        described = _described(file.name, ask)
        _run(["pg_dump", "--format=custom", f"--snapshot={snapshot}", f"--file={file}"])
    _run(["pg_restore", "--list", str(file)])
    return described


def _load_postgres(file: Path) -> None:
    """One transaction: tables made since the dump go too, or migrating would find them in its way."""
    with connection.cursor() as cursor:
        tables = ", ".join(
            connection.ops.quote_name(name) for name in connection.introspection.table_names(cursor)
        )
    connections.close_all()
    connection.close_pool()  # type: ignore[attr-defined]
    script = file.with_suffix(".sql")
    owners = ["--no-owner", "--no-privileges", "--clean", "--if-exists"]
    _run(["pg_restore", *owners, f"--file={script}", str(file)])
    drop = ["--command", f"DROP TABLE IF EXISTS {tables} CASCADE"] if tables else []
    quiet = ["--no-psqlrc", "--quiet", "--set", "ON_ERROR_STOP=1", "--single-transaction"]
    _run(["psql", *quiet, *drop, "--file", str(script)])


def _described(name: str, ask: Ask) -> Dump:
    return Dump(
        name=name,
        pictures=[row[0] for row in ask(f"SELECT sha256 FROM {Blob._meta.db_table} ORDER BY 1")],  # noqa: S608
        documents=[row[0] for row in ask(f"SELECT sha256 FROM {Document._meta.db_table} ORDER BY 1")],  # noqa: S608
        counts={
            kind: int(ask(f"SELECT count(*) FROM {model._meta.db_table}")[0][0])  # noqa: S608
            for kind, model in COUNTED.items()
        },
        migrations=dict(ask("SELECT app, max(name) FROM django_migrations GROUP BY app ORDER BY app")),
    )


def _run(command: list[str]) -> None:
    """Run one of PostgreSQL's programs; the password goes by the environment, which others cannot read."""
    try:
        ended = subprocess.run(command, env=_surroundings(), capture_output=True, text=True, check=False)  # noqa: S603
    except FileNotFoundError:
        raise Refused(
            f"The program {command[0]} is not installed; it comes with PostgreSQL's client."
        ) from None
    if ended.returncode:
        said = next(
            (line for line in ended.stderr.splitlines() if "error" in line.lower()), "it gave no reason"
        )
        raise Refused(f"{command[0]} did not succeed: {said.strip().rstrip('.')}.")


def _surroundings() -> dict[str, str]:
    told = connection.settings_dict
    values = {
        "PGDATABASE": told["NAME"],
        "PGUSER": told["USER"],
        "PGPASSWORD": told["PASSWORD"],
        "PGHOST": told["HOST"],
        "PGPORT": str(told["PORT"] or ""),
        "PGOPTIONS": LOCK_TIMEOUT,
        "LC_MESSAGES": "C",
    }
    return {**os.environ, **{name: value for name, value in values.items() if value}}


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
