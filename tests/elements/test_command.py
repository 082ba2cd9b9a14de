"""`manage.py element`: what scripts read, and one sentence for everything that goes wrong."""

import hashlib
import io
import json
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from elements.models import Element
from tests.factories import make_element, make_picture, make_project, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def front(tmp_path: Path) -> Path:
    path = tmp_path / "front.png"
    path.write_bytes(make_picture("#c08050", (480, 480)))
    return path


@pytest.fixture
def side(tmp_path: Path) -> Path:
    path = tmp_path / "side.png"
    path.write_bytes(make_picture("#a07040", (480, 480)))
    return path


def run(*told: object) -> str:
    out = io.StringIO()
    call_command("element", *(str(part) for part in told), stdout=out)
    return out.getvalue()


def refusal(*told: object) -> str:
    with pytest.raises(CommandError) as refused:
        run(*told)
    assert not Element.objects.exists()
    return str(refused.value)


def test_an_element_is_added_and_listed(ana, project, front, side):
    told = ["mara", "--front", front, "--angle", f"three-quarter={side}", "--name", "Mara Lind"]
    row = json.loads(run("add", *told, "--project", project.slug, "--as", ana.email, "--json"))
    mara = Element.objects.get()
    assert (mara.project_id, mara.created_by) == (project.pk, ana)
    assert row == {
        "handle": "mara",
        "uuid": str(mara.uuid),
        "name": "Mara Lind",
        "kind": "character",
        "version": 1,
        "front": hashlib.sha256(front.read_bytes()).hexdigest(),
        "angles": [{"angle": "three-quarter", "sha256": hashlib.sha256(side.read_bytes()).hexdigest()}],
    }
    assert json.loads(run("list", "--json")) == [row]
    assert run("list") == "@mara  character  v1  Mara Lind\n"


def test_the_list_of_a_project_has_shared_elements_and_its_own(project, front):
    make_element("own", project=project)
    make_element("shared")
    make_element("other", project=make_project("Elsewhere"))
    rows = json.loads(run("list", "--project", project.slug, "--json"))
    assert [row["handle"] for row in rows] == ["own", "shared"]


def test_a_marked_face_makes_two_people_a_front(front):
    two = ["mara", "--front", front, "--people", "2"]
    assert "2 people are in the front photo" in refusal("add", *two)
    run("add", *two, "--face", "0.1,0.1,0.3,0.4")
    assert Element.objects.get().photos.get().face == (0.1, 0.1, 0.3, 0.4)


def test_what_is_wrong_is_one_sentence(ana, front, tmp_path):
    notes = tmp_path / "notes.png"
    notes.write_text("no picture")
    assert "small letters" in refusal("add", "Mara Lind", "--front", front)
    assert "Choose a kind" in refusal("add", "mara", "--kind", "robot", "--front", front)
    assert "notes.png: " in refusal("add", "mara", "--front", notes)
    assert "gone.png: No such file" in refusal("add", "mara", "--front", tmp_path / "gone.png")
    assert "is not ANGLE=FILE" in refusal("add", "mara", "--front", front, "--angle", f"top={front}")
    assert "--face 1,2" in refusal("add", "mara", "--front", front, "--face", "1,2")
    assert "no project elsewhere" in refusal("add", "mara", "--front", front, "--project", "elsewhere")
    assert "no active account" in refusal("add", "mara", "--front", front, "--as", "x@example.com")
    guest = make_user("guest@example.com")
    assert "works on no project" in refusal("add", "mara", "--front", front, "--as", guest.email)
    assert (
        "the same picture is there twice"
        in refusal("add", "mara", "--front", front, "--angle", f"back={front}").lower()
    )


@pytest.mark.parametrize(
    ("handle", "name"), [("mara-voss", "Mara Voss"), ("@mara", "Mara"), ("r2-d2", "R2 D2")]
)
def test_without_a_name_the_handle_is_made_readable(front, handle, name):
    row = json.loads(run("add", handle, "--front", front, "--kind", "object", "--json"))
    assert (row["handle"], row["name"]) == (handle.removeprefix("@"), name)


def test_a_given_name_is_taken_as_it_is(front):
    run("add", "mara-voss", "--front", front, "--name", "mara v.")
    assert Element.objects.get().name == "mara v."
