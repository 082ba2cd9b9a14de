"""The ground rules of the tree: documented settings, sound deployment checks, no traces of a machine."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
TRACKED = subprocess.run(
    ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True
).stdout.splitlines()  # fmt: skip


def test_every_setting_read_from_the_environment_is_documented():
    source = (ROOT / "studio/settings.py").read_text()
    documented = (ROOT / "docs/settings.md").read_text()
    names = set(re.findall(r'env\.\w+\(\s*"([A-Z_]+)"', source))
    assert names
    assert {name for name in names if f"`{name}`" not in documented} == set()


def test_every_documented_setting_is_read():
    source = (ROOT / "studio/settings.py").read_text()
    table = (ROOT / "docs/settings.md").read_text().split("Read by the tests only")[0]
    names = set(re.findall(r"^\| `([A-Z_]+)`", table, re.MULTILINE))
    assert {name for name in names if f'"{name}"' not in source} == set()


@pytest.mark.slow
def test_the_deployment_checks_find_nothing_wrong(tmp_path: Path):
    env = {**os.environ, "PUBLIC_URL": "https://studio.example.com", "FRAMEHOUSE_DATA": str(tmp_path)}
    env["DJANGO_SETTINGS_MODULE"] = "studio.settings"
    env.pop("DJANGO_ALLOW_ASYNC_UNSAFE", None)  # set for Playwright in conftest
    command = [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"]
    found = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=False)
    assert found.returncode == 0, found.stderr


def test_no_tracked_file_names_a_machine_path():
    pattern = re.compile(r"(^|[^A-Za-z0-9_.-])/(root|work|farm|home/\w+)/")
    found = []
    for name in TRACKED:
        path = ROOT / name
        if path.suffix in (".py", ".md", ".html", ".js", ".css", ".toml", ".txt") and path.is_file():
            found += [name for line in path.read_text().splitlines() if pattern.search(line)]
    assert found == []


def test_requirements_carry_hashes_and_no_addresses():
    for name in ("requirements.txt", "requirements-scale.txt", "requirements-dev.txt"):
        text = (ROOT / name).read_text()
        assert "--hash=sha256:" in text
        assert "://" not in text


def test_no_file_grows_beyond_four_hundred_lines():
    long = []
    for name in TRACKED:
        if not name.endswith((".py", ".js", ".css", ".html")) or "/vendor/" in name or "/migrations/" in name:
            continue
        path = ROOT / name
        if path.is_file() and len(path.read_text().splitlines()) > 400:
            long.append(name)
    assert long == []
