"""`manage.py generate`: elements, references in roles, panels, and a dry run that sends nothing."""

import io
import json
from pathlib import Path

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from elements.models import Reference
from generations.models import Generation, Series
from tests.factories import make_element, make_picture

pytestmark = pytest.mark.django_db


def generate(*arguments: str):
    out = io.StringIO()
    call_command("generate", "--project", "night-market", *arguments, "--json", stdout=out)
    return json.loads(out.getvalue())


@pytest.fixture
def plate(tmp_path: Path) -> Path:
    path = tmp_path / "plate.png"
    path.write_bytes(make_picture("#204060", (640, 360)))
    return path


def bodies(report):
    return {row["route"]: row["body"] for row in report["requests"]}


def test_a_dry_run_shows_every_route_and_makes_nothing(project, plate) -> None:
    make_element("mara")
    report = generate(
        "--prompt",
        "@mara in the light of @Image1",
        "--element",
        "mara",
        "--reference",
        f"{plate}:lighting",
        "--dry-run",
    )
    shown = bodies(report)
    assert shown["fal"]["prompt"] == "@Element1 in the light of @Image1"
    assert shown["kling"]["prompt"] == "<<<element_1>>> in the light of <<<image_1>>>"
    assert [row["estimate_usd"] for row in report["requests"]] == ["0.000", "0.028", "0.028"]
    assert [finding["route"] for finding in report["findings"]] == ["runware"]
    assert "ordered references" in report["findings"][0]["text"]
    assert not Generation.objects.exists()


def test_elements_go_as_references_where_that_is_agreed(project) -> None:
    make_element("mara")
    report = generate("--prompt", "@mara waits", "--as-references", "--dry-run")
    body = bodies(report)["runware"][0]
    assert body["inputs"] == {"referenceImages": ["<front of @mara>"]}
    assert body["positivePrompt"] == "the character in image 1 waits"


def test_a_role_stands_behind_the_file(project, plate) -> None:
    report = generate("--prompt", "A street", "--reference", f"{plate}:style", "--dry-run")
    assert bodies(report)["draft"]["references"] == [{"name": "ref-plate", "role": "style"}]


def test_a_file_that_is_not_there_is_said(project, tmp_path) -> None:
    with pytest.raises(CommandError, match="Nothing was made"):
        generate("--prompt", "A street", "--reference", str(tmp_path / "none.png"), "--dry-run")


def test_an_unknown_element_is_said(project) -> None:
    with pytest.raises(CommandError, match="There is no element called @jun here"):
        generate("--prompt", "A street", "--element", "jun", "--dry-run")


def test_large_batches_are_shown_as_the_orders_they_become(project) -> None:
    report = generate("--prompt", "A street", "--count", "12", "--dry-run")
    fal = [row for row in report["requests"] if row["route"] == "fal"]
    assert [row["body"]["num_images"] for row in fal] == [9, 3]
    assert [row["estimate_usd"] for row in fal] == ["0.252", "0.084"]


def test_v3_says_why_it_has_no_series(project) -> None:
    report = generate("--model", "v3", "--panel", "A", "--panel", "B", "--prompt", "Noir", "--dry-run")
    assert report["requests"] == []
    assert {finding["route"] for finding in report["findings"]} == {"draft", "fal", "runware", "kling"}
    assert all(finding["text"].endswith(".") for finding in report["findings"])


@pytest.mark.slow
def test_panels_make_a_series(project) -> None:
    report = generate("--prompt", "Noir", "--panel", "A street", "--panel", "A door")
    assert [output["index"] for output in report["outputs"]] == [0, 1]
    assert [panel.text for panel in Series.objects.get().panels.order_by("position")] == [
        "A street",
        "A door",
    ]
    assert Reference.objects.count() == 0
