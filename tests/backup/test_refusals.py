"""Archives that are damaged or made to harm: one sentence each, and nothing touched."""

import hashlib
import io
import json
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

from projects.models import Project
from tests.factories import make_project

pytestmark = pytest.mark.django_db
SHA = hashlib.sha256(b"a picture").hexdigest()
PICTURE = f"media/blobs/{SHA[:2]}/{SHA[2:4]}/{SHA}"
FILES = {"database.sqlite3": b"not looked at here", PICTURE: b"a picture"}


@pytest.fixture
def migrated(monkeypatch: pytest.MonkeyPatch) -> None:
    """The migrations on the disk are known also where the tests were made without them."""
    monkeypatch.setattr(settings, "MIGRATION_MODULES", {})


Change = Callable[[dict[str, object]], object]


def manifest(files: dict[str, bytes], change: Change = lambda told: None) -> bytes:
    told: dict[str, object] = {
        "format": 1,
        "created_at": "2026-11-21T07:00:00+00:00",
        "database": "sqlite",
        "migrations": {"media": "0001_initial"},
        "counts": {"projects": 1},
        "secrets": False,
        "missing": [],
        "files": {
            name: {"sha256": hashlib.sha256(data).hexdigest(), "bytes": len(data)}
            for name, data in files.items()
        },
    }
    change(told)
    return json.dumps(told).encode()


def packed(
    path: Path, files: dict[str, bytes], told: bytes | None, odd: tarfile.TarInfo | None = None
) -> Path:
    with tarfile.open(path, "w") as tar:
        for name, data in [*files.items(), *([("manifest.json", told)] if told is not None else [])]:
            info = tarfile.TarInfo(name)
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))
        if odd is not None:
            tar.addfile(odd)
    return path


def refusal(path: Path) -> str:
    """What restore says of it, after looking that nothing in the studio has changed."""
    make_project(name="Kept")
    epoch = Path(settings.DATA) / "epoch"
    with pytest.raises(CommandError) as caught:
        call_command("restore", str(path), force=True)
    assert Project.objects.get().name == "Kept"
    assert not epoch.exists()
    assert not (Path(settings.MEDIA_ROOT) / "restoring").exists()
    said = str(caught.value)
    assert said.endswith("Nothing was restored.")
    assert "\n" not in said
    return said


def odd(kind: bytes, name: str = PICTURE + "-512.webp") -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.type, info.linkname = kind, "/etc/passwd"
    return info


def test_a_whole_backup_is_verified(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    call_command("backup", str(packed(tmp_path / "b.tar", FILES, manifest(FILES))), verify=True)
    told = capsys.readouterr()
    assert "is whole: 2 files" in told.out
    assert "Warning" not in told.err


def test_a_picture_that_the_disk_had_changed_before_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    changed = {**FILES, PICTURE: b"a pictura"}
    call_command("backup", str(packed(tmp_path / "b.tar", changed, manifest(changed))), verify=True)
    assert f"Warning: {PICTURE} was changed by the disk" in capsys.readouterr().err


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.FIFOTYPE])
def test_links_and_devices_are_refused(tmp_path: Path, kind: bytes):
    path = packed(tmp_path / "b.tar", FILES, manifest(FILES), odd(kind))
    assert "which is no plain file" in refusal(path)


@pytest.mark.parametrize(
    "name",
    [
        "../escaped",
        "media/../../escaped",
        "/etc/cron.d/x",
        "media/blobs/../../secrets/django",
        "secrets/../x",
        "epoch",
        "media\\blobs",
        f"{PICTURE}\n",
    ],
)
def test_names_that_no_backup_has_are_refused(tmp_path: Path, name: str):
    files = {**FILES, name: b"x"}
    assert "which no backup holds" in refusal(packed(tmp_path / "b.tar", files, manifest(files)))
    assert not (tmp_path.parent / "escaped").exists()


def test_a_changed_byte_is_found(tmp_path: Path):
    path = packed(tmp_path / "b.tar", {**FILES, PICTURE: b"a pictura"}, manifest(FILES))
    assert f"{PICTURE} is not what its manifest says" in refusal(path)


def test_a_missing_file_is_found(tmp_path: Path):
    path = packed(tmp_path / "b.tar", {"database.sqlite3": FILES["database.sqlite3"]}, manifest(FILES))
    assert f"lacks {PICTURE}" in refusal(path)


def test_a_file_that_nobody_named_is_found(tmp_path: Path):
    path = packed(tmp_path / "b.tar", {**FILES, "secrets/django": b"x" * 60}, manifest(FILES))
    assert "holds secrets/django, which its manifest does not name" in refusal(path)


def test_a_file_twice_is_refused(tmp_path: Path):
    twin = tarfile.TarInfo("database.sqlite3")
    assert "twice" in refusal(packed(tmp_path / "b.tar", FILES, manifest(FILES), twin))


def test_a_backup_without_a_manifest_is_not_complete(tmp_path: Path):
    assert "it has no manifest" in refusal(packed(tmp_path / "b.tar", FILES, None))


@pytest.mark.parametrize("share", [0.1, 0.3, 0.5])
def test_a_truncated_backup_is_refused(tmp_path: Path, share: float):
    files = {**FILES, "secrets/django": b"x" * 40_000}
    path = packed(tmp_path / "b.tar", files, manifest(files))
    path.write_bytes(path.read_bytes()[: int(path.stat().st_size * share)])
    said = refusal(path)
    assert "is damaged" in said or "no manifest" in said


@pytest.mark.parametrize("data", [b"", b"no tar at all", b"\0" * 4096, b"PK\x03\x04" + b"\0" * 2000])
def test_what_is_no_tar_file_is_refused(tmp_path: Path, data: bytes):
    path = tmp_path / "b.tar"
    path.write_bytes(data)
    said = refusal(path)
    assert "is damaged" in said or "has no manifest" in said


@pytest.mark.parametrize("told", [b"", b"[]", b"{}", b'{"format": 1}', b"[" * 100_000, b"\xff\xfe"])
def test_a_manifest_that_cannot_be_read_is_refused(tmp_path: Path, told: bytes):
    assert "cannot be read" in refusal(packed(tmp_path / "b.tar", FILES, told))


def test_another_form_is_refused(tmp_path: Path):
    told = manifest(FILES, lambda told: told.update(format=2))
    assert "has form 2" in refusal(packed(tmp_path / "b.tar", FILES, told))


def test_a_backup_of_a_newer_framehouse_is_refused(tmp_path: Path):
    told = manifest(FILES, lambda told: told.update(migrations={"media": "9999_later"}))
    assert "made by a newer Framehouse" in refusal(packed(tmp_path / "b.tar", FILES, told))


def test_a_damaged_database_inside_is_refused(tmp_path: Path, migrated: None):
    assert "The database is damaged" in refusal(packed(tmp_path / "b.tar", FILES, manifest(FILES)))


def test_a_link_in_a_folder_is_refused(tmp_path: Path):
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / "database.sqlite3").symlink_to("/etc/passwd")
    assert "no plain file" in refusal(tmp_path / "b")


def test_what_is_not_there_is_said(tmp_path: Path):
    assert "There is no backup at" in refusal(tmp_path / "none.tar")


def test_a_studio_that_is_not_empty_is_kept_without_force(tmp_path: Path):
    make_project(name="Kept")
    with pytest.raises(CommandError, match="is not empty; --force replaces"):
        call_command("restore", str(packed(tmp_path / "b.tar", FILES, manifest(FILES))))


def test_no_backup_replaces_a_file(tmp_path: Path):
    (tmp_path / "b.tar").write_text("dear")
    with pytest.raises(CommandError, match=r"exists already\. No backup was made"):
        call_command("backup", str(tmp_path / "b.tar"))
    assert (tmp_path / "b.tar").read_text() == "dear"


def test_a_backup_into_a_folder_that_is_not_there_is_refused(tmp_path: Path):
    with pytest.raises(CommandError, match="There is no folder"):
        call_command("backup", str(tmp_path / "none" / "b.tar"))
