"""Files taken from elsewhere are byte for byte what vendor.json says they are."""

import base64
import hashlib
import json
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
STATIC = ROOT / "static"
ROWS: list[dict[str, str]] = json.loads((STATIC / "vendor" / "vendor.json").read_text())
ICON_USE = re.compile(
    r"""components/icon\.html["'] with name=["']([a-z0-9-]+)["']|icons\.svg['"] %}#([a-z0-9-]+)"""
)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["file"])
def test_a_vendored_file_matches_its_recorded_hash(row: dict[str, str]) -> None:
    digest = hashlib.sha384((STATIC / row["file"]).read_bytes()).digest()
    assert base64.b64encode(digest).decode() == row["sha384"]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["file"])
def test_a_vendored_file_names_its_origin_and_ships_its_licence(row: dict[str, str]) -> None:
    assert row["version"] in row["package"]
    assert (STATIC / row["licence_file"]).stat().st_size > 500


def test_every_file_in_the_vendor_folder_is_accounted_for() -> None:
    known = {row["file"] for row in ROWS} | {row["licence_file"] for row in ROWS} | {"vendor/vendor.json"}
    present = {path.relative_to(STATIC).as_posix() for path in (STATIC / "vendor").iterdir()}
    assert present <= known


def test_every_icon_named_in_a_template_is_in_the_sprite() -> None:
    sprite = set(re.findall(r'<symbol id="([a-z0-9-]+)"', (STATIC / "icons.svg").read_text()))
    used = {
        name
        for page in (ROOT / "templates").rglob("*.html")
        for found in ICON_USE.findall(page.read_text())
        for name in found
        if name
    }
    assert used <= sprite, f"missing from static/icons.svg: {sorted(used - sprite)}"
