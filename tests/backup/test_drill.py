"""The drill: back up a running studio, lose everything, restore, and go on."""

import hashlib
import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests import services
from tests.running import ROOT, Studio, running

pytestmark = pytest.mark.slow
HASTE = {"HORIZON_SCALE": "0.02"}


@pytest.fixture(scope="module")
def studio(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Studio]:
    """A studio that has run, with the sample and its backups beside it."""
    folder = tmp_path_factory.mktemp("drill")
    fill(Studio(folder / "data", HASTE))
    with running(folder / "data", HASTE) as studio, ThreadPoolExecutor(2) as pool:
        with_secrets = pool.submit(studio.manage, "backup", str(folder / "b"), "--with-secrets")
        assert studio.manage("backup", str(folder / "b.tar")).returncode == 0
        assert with_secrets.result().returncode == 0
        refused = studio.manage("restore", str(folder / "b.tar"), "--force")
        assert "already runs on" in refused.stderr
        studio.stop()
        yield studio


def fill(studio: Studio) -> None:
    assert studio.manage("sample").returncode == 0
    assert generated(studio) == "succeeded"


def generated(studio: Studio) -> str:
    made = studio.manage("generate", "--project", "the-inheritance", "--prompt", "Rain in a street", "--json")
    return str(json.loads(made.stdout)["state"])


def sums(data: Path) -> dict[str, str]:
    """Every file of the media folder by name, with the hash of what is in it."""
    return {
        str(path.relative_to(data)): hashlib.sha256(path.read_bytes()).hexdigest()
        for folder in ("blobs", "renditions", "documents")
        for path in (data / "media" / folder).rglob("*")
        if path.is_file()
    }


def held(studio: Studio) -> bool:
    return "Held after a restore" in studio.manage("doctor").stdout


@pytest.mark.parametrize("form", ["b.tar", "b"])
def test_everything_comes_back_and_nothing_is_sent_until_that_is_settled(studio: Studio, form: str):
    before = sums(studio.data)
    assert len(before) > 10
    shutil.rmtree(studio.data)
    restored = studio.manage("restore", str(studio.data.parent / form))
    assert restored.returncode == 0, restored.stderr
    after = sums(studio.data)
    assert after.items() <= before.items()
    named = {str(row[0]) for row in studio.rows("SELECT sha256 FROM media_blob")}
    assert named
    assert named <= {name.rpartition("/")[2] for name in after}
    assert all(name.endswith(value) for name, value in after.items() if "/blobs/" in name)
    assert held(studio)
    settled = studio.manage("after_restore", "--json")
    assert json.loads(settled.stdout) == {"orders": [], "held": False}
    assert generated(studio) == "succeeded"


def test_secrets_travel_only_when_they_are_asked_for(studio: Studio):
    backups = studio.data.parent
    assert {path.name for path in (backups / "b" / "secrets").iterdir()} == {"django", "credentials"}
    told = studio.manage("backup", "--verify", str(backups / "b.tar"))
    assert "Secrets are not in it" in told.stdout
    assert (backups / "b.tar").stat().st_mode & 0o077 == 0


def test_a_disk_without_room_is_one_sentence_and_leaves_nothing(studio: Studio, tmp_path: Path):
    """A limit on the size of files stands for the full disk."""
    command = f"ulimit -f 1600; exec {sys.executable} manage.py backup {tmp_path}/b.tar"
    ended = subprocess.run(
        ["bash", "-c", command], cwd=ROOT, env=studio.env, capture_output=True, text=True, check=False
    )
    assert ended.returncode == 1
    assert len(ended.stderr.strip().splitlines()) == 1
    assert "No backup was made." in ended.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_picture_that_went_meanwhile_is_named(studio: Studio, tmp_path: Path):
    (gone, *_) = sorted((studio.data / "media" / "renditions").rglob("*.webp"))
    kept = gone.read_bytes()
    gone.unlink()
    made = studio.manage("backup", str(tmp_path / "b.tar"))
    gone.write_bytes(kept)
    assert made.returncode == 0
    assert f"{gone.name} was deleted while the backup was made" in made.stderr


@pytest.mark.scale
def test_the_same_on_postgresql(tmp_path: Path):
    with services.database() as url, services.database() as other:
        studio = Studio(tmp_path / "data", {**HASTE, "DATABASE_URL": url})
        fill(studio)
        before = sums(studio.data)
        made = studio.manage("backup", str(tmp_path / "b.tar"))
        assert made.returncode == 0, made.stderr
        shutil.rmtree(studio.data)
        for address, force in ((url, ["--force"]), (other, [])):
            again = Studio(tmp_path / f"again-{len(force)}", {"DATABASE_URL": address})
            restored = again.manage("restore", str(tmp_path / "b.tar"), *force)
            assert restored.returncode == 0, restored.stderr
            assert sums(again.data) == before
            assert held(again)
            assert again.manage("after_restore").returncode == 0
        assert not held(again)
        assert generated(again) == "succeeded"
        lite = Studio(tmp_path / "lite").manage("restore", str(tmp_path / "b.tar"))
        assert "is of postgresql" in lite.stderr
