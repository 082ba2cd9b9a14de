"""What must exist before anything runs: folders, the lock on the data, the schema and the static files."""

import fcntl
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction
from django.db.migrations.exceptions import InconsistentMigrationHistory
from django.db.migrations.executor import MigrationExecutor

from media import epoch


class NotNow(CommandError):  # noqa: N818 - reads as the fact it reports
    """The studio cannot start; the text is one sentence for people."""


def lay_folders() -> None:
    """Make the data directory, private to its owner, and the embedded broker's folders."""
    for folder in (settings.DATA, settings.MEDIA_ROOT, settings.FILE_UPLOAD_TEMP_DIR, *_of_broker()):
        Path(folder).mkdir(parents=True, exist_ok=True, mode=0o700)


def lay_broker() -> None:
    """Make the embedded broker's folders again if somebody deleted them; in vain is tried again later."""
    with suppress(OSError):
        for folder in _of_broker():
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)


def _of_broker() -> tuple[Path, ...]:
    return settings.BROKER / "queue", settings.BROKER / "control"


def clear_uploads() -> None:
    """Delete what uploads left when their process was killed; only for whoever holds the lock."""
    for left in Path(settings.FILE_UPLOAD_TEMP_DIR).iterdir():
        left.unlink()


def lay_schema() -> None:
    """Bring the tables to this version, all steps or none. Raises NotNow when they do not fit.

    Django notes some steps only after they are committed: who is killed in between could never start again.
    """
    try:
        executor = MigrationExecutor(connection)
        executor.loader.check_consistent_history(connection)
        if executor.migration_plan(executor.loader.graph.leaf_nodes()):
            with _as_a_whole():
                call_command("migrate", verbosity=0, interactive=False)
    except (DatabaseError, InconsistentMigrationHistory) as error:
        raise NotNow(f"The database could not be brought to this version ({_first_line(error)}).") from None


@contextmanager
def _as_a_whole() -> Iterator[None]:
    """SQLite changes tables only while it checks no keys, which cannot be told to it inside a transaction;
    Django checks them after each step."""
    connection.disable_constraint_checking()
    try:
        with transaction.atomic():
            yield
    finally:
        connection.enable_constraint_checking()


def _first_line(error: Exception) -> str:
    return str(error).strip().partition("\n")[0]


def lay_epoch() -> None:
    epoch.lay()


def lay_static_files() -> None:
    call_command("collectstatic", verbosity=0, interactive=False)


def lock() -> IO[str]:
    """Hold the data for this process until it ends, or raise NotNow."""
    file = open(settings.DATA / "up.lock", "a+")  # noqa: SIM115 - held open on purpose
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.seek(0)
        holder = file.read().strip() or "unknown"
        raise NotNow(f"Framehouse already runs on {settings.DATA} (process {holder}).") from None
    file.truncate(0)
    file.write(str(os.getpid()))
    file.flush()
    return file


def check_port(host: str, port: int) -> None:
    """Raise NotNow when something else listens there."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except (OSError, OverflowError) as error:
            why = getattr(error, "strerror", None) or "there is no such port"
            raise NotNow(f"Port {port} on {host} is not free ({why}); set PORT.") from None
