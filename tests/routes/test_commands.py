"""Keys from the command line: told in a file or by standard input, never as an argument."""

import io
import json
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.test import override_settings

from generations import heartbeats
from routes import policy, vault
from routes.models import Credential
from tests import paid
from tests.factories import make_project
from tests.generations import sent
from tests.routes.filling import REAL, answer_test, close, make_key

pytestmark = pytest.mark.django_db
SECRET = "whsec_canary_signs"


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


def test_without_a_name_a_key_has_its_routes(tmp_path):
    said("route", "add", "runware", "--key-file", written(tmp_path, REAL["runware"]))
    assert Credential.objects.get().name == "Runware"


def test_the_webhook_secret_is_read_as_the_key_is_and_never_shown(tmp_path, monkeypatch):
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{SECRET}\n"))
    file = written(tmp_path, REAL["kling"])
    told = said("route", "add", "kling", "--key-file", file, "--hook-secret-file", "-")
    assert vault.unseal(Credential.objects.get().hook_sealed) == SECRET
    told += said("route", "list")
    listed = said("route", "list", "--json")
    assert "Webhook secret set" in told
    assert [(row["hook_secret_set"], row["hook_user_id_set"]) for row in json.loads(listed)] == [
        (True, False)
    ]
    assert "canary" not in told + listed


def test_the_user_id_at_fal_is_kept_and_only_said_to_be_set(tmp_path):
    file = written(tmp_path, REAL["fal"])
    said("route", "add", "fal", "--key-file", file, "--hook-user-id", "user_canary")
    assert Credential.objects.get().hook_user_id == "user_canary"
    told, listed = said("route", "list"), said("route", "list", "--json")
    assert "User ID set" in told
    assert json.loads(listed)[0]["hook_user_id_set"] is True
    assert "canary" not in told + listed


@pytest.mark.parametrize(
    ("route", "more", "sentence"),
    [
        ("fal", ["--hook-secret-file", "SECRET"], "Only Kling has a webhook secret."),
        ("kling", ["--hook-user-id", "canary7"], "Only fal.ai's webhooks name a user ID."),
        ("fal", ["--hook-user-id", "canary" * 17], "no longer than 100"),
        ("fal", ["--hook-user-id", "canary id"], "holds a space"),
        ("kling", ["--hook-secret-file", "EMPTY"], "no webhook secret in it"),
        ("kling", ["--hook-secret-file", "missing.txt"], "No such file"),
        ("kling", ["--key-file", "-", "--hook-secret-file", "-"], "Only one of the two"),
    ],
)
def test_what_no_webhook_needs_is_refused_in_one_sentence(tmp_path, route, more, sentence):
    secret, empty = tmp_path / "secret.txt", tmp_path / "empty.txt"
    secret.write_text(SECRET)
    empty.write_text("\n")
    named = {"SECRET": str(secret), "EMPTY": str(empty)}
    file = written(tmp_path, REAL[route])
    with pytest.raises(CommandError) as refused:
        said("route", "add", route, "--key-file", file, *(named.get(word, word) for word in more))
    assert sentence in str(refused.value)
    assert "Nothing was kept." in str(refused.value)
    assert "canary" not in str(refused.value)
    assert not Credential.objects.exists()


def test_another_key_in_its_place_keeps_the_secret_that_is_not_said_again(tmp_path):
    file, secret = written(tmp_path, REAL["kling"]), tmp_path / "secret.txt"
    secret.write_text(SECRET)
    said("route", "add", "kling", "--key-file", file, "--hook-secret-file", str(secret))
    close(Credential.objects.get())
    other = written(tmp_path, "AKcanaryother:SKcanaryother9")
    assert "tested" in said("route", "replace", "Kling", "--key-file", other)
    key = Credential.objects.get()
    assert vault.unseal(key.sealed) == "AKcanaryother:SKcanaryother9"
    assert (vault.unseal(key.hook_sealed), key.closed_until) == (SECRET, None)
    secret.write_text("whsec_another")
    said("route", "replace", "Kling", "--key-file", other, "--hook-secret-file", str(secret))
    key.refresh_from_db()
    assert vault.unseal(key.hook_sealed) == "whsec_another"


def test_name_and_limit_are_changed_each_by_itself():
    key = make_key()
    assert "10 orders at once" in said("route", "change", "Main", "--name", " Night  shift ")
    assert "Night shift: 3 orders at once" in said("route", "change", "Night shift", "--at-once", "3")
    key.refresh_from_db()
    assert (key.name, key.at_once, key.allowance) == ("Night shift", 3, 3)


@pytest.mark.parametrize("more", [["--at-once", "201"], ["--name", " "], ["--name", "x" * 61]])
def test_a_bad_change_changes_nothing(more):
    key = make_key()
    with pytest.raises(CommandError, match="Nothing was kept"):
        said("route", "change", "Main", *more)
    key.refresh_from_db()
    assert (key.name, key.at_once) == ("Main", 10)


def test_a_key_is_paused_and_resumed():
    key = make_key()
    assert "Nothing was spent." in said("route", "pause", "Main")
    assert "Paused" in said("route", "list")
    said("route", "pause", "Main")
    said("route", "resume", str(key.uuid))
    assert "Paused" not in said("route", "list")


def test_a_closed_key_is_tried_again():
    key = make_key()
    close(key)
    said("route", "reopen", "Main")
    key.refresh_from_db()
    assert (key.closed_until, key.failures) == (None, 0)


def test_a_test_is_asked_for_and_answered_by_the_dispatcher():
    with paid.sandbox():
        key = paid.make_key("fal", test_asked_at=None)
        assert "manage.py up" in said("route", "test", "fal key")
        heartbeats.beat("dispatcher")
        assert "manage.py up" not in said("route", "test", "fal key")
        paid.dispatch(lambda: Credential.objects.get().works is True)
        assert json.loads(said("route", "list", "--json"))[0]["is_tested"] is True
    key.refresh_from_db()
    assert key.tested_at is not None


def test_a_removed_key_is_gone_at_once_or_when_its_orders_are_fetched():
    make_key("kling", name="Idle")
    assert "deleted here now" in said("route", "remove", "Idle")
    busy = make_key(name="Busy")
    sent.submitted(make_project())
    assert "as soon as the orders in flight are fetched" in said("route", "remove", "Busy")
    assert said("route", "list") == ""
    busy.refresh_from_db()
    assert busy.sealed


@pytest.mark.parametrize("act", ["test", "pause", "resume", "reopen", "remove", "change"])
def test_a_key_that_is_not_there_or_not_the_only_one_is_said(act):
    with pytest.raises(CommandError, match=r"There is no key Main\. Nothing was changed\."):
        said("route", act, "Main")
    make_key()
    make_key("kling")
    with pytest.raises(CommandError, match="Several keys are called Main"):
        said("route", act, "Main")
    assert Credential.objects.living().filter(paused_at=None).count() == 2


def test_a_projects_way_to_its_route_is_chosen_and_shown():
    project = make_project()
    assert ": fixed." in said("route", "policy", project.slug)
    assert ": next." in said("route", "policy", project.slug, "next")
    assert policy.of(project) == "next"
    with pytest.raises(CommandError, match="no project nowhere"):
        said("route", "policy", "nowhere", "next")


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
