"""A backup put in the place of this studio, which is held from then on."""

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.loader import MigrationLoader

from accounts.models import User
from generations.models import Heartbeat
from media import epoch
from media.models import Blob
from projects.models import Project
from studio import archives, dumps, ground
from studio.archives import Hashed, Manifest, Refused

MEDIA = ("blobs", "renditions", "documents", "arrived")

Say = Callable[[str], None]


def restore(path: Path, force: bool, say: Say) -> Manifest:
    """Replace database and files by those of a backup. Raises Refused; until all was checked nothing changes.

    Whoever calls this holds the lock on the data.
    """
    if not force and not _is_empty():
        raise Refused("This studio is not empty; --force replaces what is in it.")
    try:
        with _workshop() as folder:
            manifest = archives.read(path, lambda name, file: _unpack(folder / name, file))
            _check_fit(manifest)
            dumps.check(folder / archives.DATABASES[manifest.database])
            say(f"Checked {len(manifest.files)} files of a backup made at {manifest.created_at}.")
            os.sync()
            _put(folder, manifest)
    except OSError as error:
        raise Refused(f"The backup could not be unpacked: {error.strerror or error}.") from None
    ground.lay_schema()
    # Signs of life in a backup are those of processes that have ended.
    Heartbeat.objects.all().delete()
    return manifest


def _is_empty() -> bool:
    """Whether nobody and nothing is here; a database that cannot be read is not empty."""
    if any((Path(settings.MEDIA_ROOT) / name).exists() for name in MEDIA):
        return False
    try:
        tables = connection.introspection.table_names()
        models = (User, Project, Blob)
        return not any(model._meta.db_table in tables and model.objects.exists() for model in models)
    except DatabaseError:
        return False


@contextmanager
def _workshop() -> Iterator[Path]:
    """An empty folder on the media file system, gone at the end; what a killed restore left goes too."""
    folder = Path(settings.MEDIA_ROOT) / "restoring"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(mode=0o700)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _unpack(path: Path, file: Hashed) -> None:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with path.open("xb") as target:
        shutil.copyfileobj(file, target, archives.CHUNK)


def _check_fit(manifest: Manifest) -> None:
    if manifest.database != connection.vendor:
        raise Refused(
            f"This backup is of {manifest.database}, and this studio runs on {connection.vendor};"
            " DATABASE_URL chooses."
        )
    known = MigrationLoader(None).disk_migrations
    for step in manifest.migrations.items():
        if step not in known:
            raise Refused(
                f"This backup was made by a newer Framehouse: {step[0]} {step[1]} is not known here."
            )


def _put(folder: Path, manifest: Manifest) -> None:
    """Held first, so that whenever this ends early nothing is sent."""
    mark = Path(settings.DATA) / "epoch"
    before = mark.read_bytes() if mark.exists() else None
    epoch.part()
    try:
        dumps.load(folder / archives.DATABASES[manifest.database])
    except Refused:
        # Nothing was changed, so nothing is held.
        mark.write_bytes(before) if before else mark.unlink()
        raise
    for name in MEDIA:
        _swap(folder / "media" / name, Path(settings.MEDIA_ROOT) / name, folder / "replaced" / name)
    for secret in sorted((folder / "secrets").glob("*")):
        secret.chmod(0o600)
        shutil.move(secret, Path(settings.DATA) / "secrets" / secret.name)
    os.sync()


def _swap(fresh: Path, place: Path, aside: Path) -> None:
    aside.parent.mkdir(exist_ok=True)
    if place.exists():
        place.rename(aside)
    if fresh.exists():
        fresh.rename(place)
