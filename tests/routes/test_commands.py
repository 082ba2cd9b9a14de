"""Keys from the command line: told in a file or by standard input, never as an argument."""

import io
import json
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.test import override_settings

from routes import vault
from routes.models import Credential
from tests.factories import make_project
from tests.routes.filling import REAL, answer_test, make_key

pytestmark = pytest.mark.django_db


def said(*arguments: str) -> str:
    out = io.StringIO()
    call_command(*arguments, stdout=out)
    return out.getvalue()


def written(tmp_path: Path, text: str) -> str:
    file = tmp_path / "key.txt"
    file.write_text(text)
    return str(file)


def test_a_key_is_read_from_a_file(tmp_path):
    file = written(tmp_path, REAL["fal"] + "\n")
    told = said("route", "add", "fal", "--name", "Main", "--key-file", file)
    key = Credential.objects.get()
    assert vault.unseal(key.sealed) == REAL["fal"]
    assert (key.name, key.at_once, key.project) == ("Main", 10, None)
    assert key.test_asked_at is not None
    assert REAL["fal"] not in told


def test_a_key_is_read_from_standard_input_for_a_project(monkeypatch):
    project = make_project()
    monkeypatch.setattr("sys.stdin", io.StringIO(REAL["kling"]))
    said(
        "route", "add", "kling", "--name", "Ours", "--project", project.slug, "--at-once", "3",
        "--key-file", "-",
    )  # fmt: skip
    key = Credential.objects.get()
    assert (key.project, key.at_once, vault.unseal(key.sealed)) == (project, 3, REAL["kling"])


@pytest.mark.parametrize(
    ("text", "more", "sentence"),
    [
        ("canary without colon", [], "Copy it again"),
        ("", [], "too short"),
        (REAL["fal"], ["--at-once", "0"], "from 1 to 200"),
        (REAL["fal"], ["--project", "nowhere"], "no project nowhere"),
        (REAL["fal"], ["--name", " "], "--name has 1 to 60"),
        (REAL["fal"], ["--key-file", "missing.txt"], "No such file"),
    ],
)
def test_what_cannot_be_kept_is_one_sentence_without_the_key(tmp_path, text, more, sentence):
    file = written(tmp_path, text)
    with pytest.raises(CommandError) as refused:
        said("route", "add", "fal", "--name", "Main", "--key-file", file, *more)
    assert sentence in str(refused.value)
    assert "Nothing was kept." in str(refused.value)
    assert "canary" not in str(refused.value)
    assert not Credential.objects.exists()


def test_keys_are_listed_without_themselves():
    key = make_key()
    answer_test(key, said="The key works.", balance=1_000_000)
    assert "Main  fal  …yfal  Studio  10 orders at once  Works" in said("route", "list")
    rows = json.loads(said("route", "list", "--json"))
    assert [(row["name"], row["works"], row["balance_micro_usd"]) for row in rows] == [
        ("Main", True, 1_000_000)
    ]
    assert REAL["fal"] not in json.dumps(rows)


def test_keys_are_sealed_anew_with_the_first_key_of_the_studio():
    with override_settings(CREDENTIAL_KEYS=["old"]):
        key, removed = make_key(), make_key("kling")
        Credential.objects.filter(pk=removed.pk).update(sealed="")
    with override_settings(CREDENTIAL_KEYS=["new", "old"]):
        assert "1 key is sealed anew." in said("rotate_keys")
    key.refresh_from_db()
    with override_settings(CREDENTIAL_KEYS=["new"]):
        assert vault.unseal(key.sealed) == REAL["fal"]


def test_a_key_that_no_key_opens_is_named_and_left_as_it_is():
    with override_settings(CREDENTIAL_KEYS=["lost"]):
        lost = make_key(name="Old account")
    fine = make_key("kling")
    with pytest.raises(CommandError, match=r"Old account \(fal\)"):
        said("rotate_keys")
    before = lost.sealed
    lost.refresh_from_db()
    fine.refresh_from_db()
    assert lost.sealed == before
    assert vault.unseal(fine.sealed) == REAL["kling"]
