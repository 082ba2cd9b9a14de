"""The pages of routes and keys: what they show, what their buttons do, and for whom."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import User
from generations import heartbeats
from projects.models import Project, ProjectRole
from routes import keys, policy, vault
from routes.models import Credential
from tests.factories import make_generation, make_membership, make_project, make_user
from tests.routes.filling import REAL, answer_test, close, make_key

pytestmark = pytest.mark.django_db
OWN = "/projects/night-market/routes/"


@pytest.fixture
def olga(db: None) -> User:
    return make_user("olga@example.com", role="owner", name="Olga")


@pytest.fixture
def boss(olga: User) -> Client:
    """A browser of somebody who runs the studio."""
    client = Client()
    client.force_login(olga)
    return client


def text(client: Client, path: str = "/routes/") -> str:
    return client.get(path).content.decode()


def act(client: Client, key: Credential, name: str, data: dict[str, str] | None = None) -> Credential:
    answer = client.post(f"/routes/keys/{key.uuid}/{name}", data or {})
    assert answer.status_code == 302
    key.refresh_from_db()
    return key


def test_every_route_has_its_card_and_draft_needs_no_key(boss):
    page = text(boss)
    for label in ("fal.ai", "Runware", "Kling", "Draft"):
        assert f"{label} <small>" in page
    assert "No key yet. Nothing is sent to Runware." in page


@pytest.mark.parametrize(("route", "limit"), [("fal", 10), ("runware", 20), ("kling", 9)])
def test_a_key_is_added_with_its_defaults_and_its_test_is_asked_for(boss, olga, route, limit):
    answer = boss.post(f"/routes/add/{route}", {"name": "", "key": f" {REAL[route]}\n", "at_once": limit})
    assert (answer.status_code, answer["Location"]) == (302, "/routes/")
    key = Credential.objects.get()
    assert (key.route, key.at_once, key.allowance, key.created_by) == (route, limit, limit, olga)
    assert vault.unseal(key.sealed) == REAL[route]
    assert key.ending == REAL[route][-4:]
    assert key.test_asked_at is not None
    page = text(boss)
    assert f'name="at_once" value="{limit}"' in page
    assert f"…{key.ending}" in page
    assert "Being tested…" in page


def test_klings_two_keys_become_one_and_its_webhook_secret_is_sealed(boss):
    typed = {"access_key": "AK81", "secret_key": "SK4242", "hook_secret": "whsec_abc", "at_once": "9"}
    boss.post("/routes/add/kling", typed)
    key = Credential.objects.get()
    assert vault.unseal(key.sealed) == "AK81:SK4242"
    assert vault.unseal(key.hook_sealed) == "whsec_abc"


def test_the_user_id_at_fal_is_kept(boss):
    boss.post("/routes/add/fal", {"key": REAL["fal"], "hook_user_id": "user_7", "at_once": "10"})
    assert Credential.objects.get().hook_user_id == "user_7"


@pytest.mark.parametrize(
    ("route", "typed", "sentence"),
    [
        ("fal", {"key": ""}, "This field is required."),
        ("fal", {"key": "no-colon-in-it"}, "id:secret"),
        ("fal", {"key": "one:two:three"}, "id:secret"),
        ("fal", {"key": "one two:three"}, "holds a space"),
        ("fal", {"key": "one:two\nthree"}, "holds a space"),
        ("fal", {"key": REAL["fal"], "at_once": "0"}, "greater than or equal to 1"),
        ("runware", {"key": "short"}, "too short"),
        ("runware", {"key": "with:a:colon"}, "no colon"),
        ("runware", {"key": "x" * 2001}, "longer than 2000"),
        ("kling", {"key": ""}, "too short"),
        ("kling", {"access_key": "AKcanary"}, "both of them"),
        ("kling", {"access_key": "AK:x", "secret_key": "canary-secret"}, "no colon"),
        ("kling", {"key": "one-api-key", "access_key": "AK", "secret_key": "SK"}, "not all of them"),
        ("kling", {"key": "one-api-key", "hook_secret": "two words"}, "holds a space"),
        ("runware", {"key": "sandbox-runware"}, "key of the sandbox"),
    ],
)
def test_a_bad_key_is_refused_in_a_sentence(boss, route, typed, sentence):
    answer = boss.post(f"/routes/add/{route}", {"at_once": "5", "name": "Kept name", **typed})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert sentence in page
    assert 'value="Kept name"' in page
    assert page.count('<details class="add-key" open>') == page.count(" autofocus") == 1
    assert not Credential.objects.exists()


def test_a_studio_on_the_sandbox_takes_only_its_keys(boss, settings):
    settings.SANDBOX_URL = "http://127.0.0.1:1"
    answer = boss.post("/routes/add/fal", {"key": REAL["fal"], "at_once": "10"})
    assert "This studio runs on the sandbox. Real keys are refused here." in answer.content.decode()
    assert boss.post("/routes/add/fal", {"key": "sandbox-fal:secret", "at_once": "10"}).status_code == 302
    assert Credential.objects.get().ending == "cret"
    assert "only keys of the sandbox are taken" in text(boss)


def test_a_tested_key_shows_what_its_provider_said(boss):
    key = make_key()
    answer_test(key, said="The key works.", balance=12_340_000)
    page = text(boss)
    assert "badge-ok" in page
    assert "The key works." in page
    assert "Balance $12.34" in page
    assert "hx-trigger" not in page


def test_the_state_is_asked_for_until_the_test_is_answered(boss):
    key = make_key()
    assert 'hx-trigger="every 1s"' in text(boss, f"/routes/keys/{key.uuid}/state")
    answer_test(key, works=False, said="fal.ai does not know this key.")
    part = text(boss, f"/routes/keys/{key.uuid}/state")
    assert "hx-trigger" not in part
    assert "Does not work" in part
    assert "fal.ai does not know this key." in part
    assert "<html" not in part
    assert not keys.is_tested(act(boss, key, "test"))
    assert 'hx-trigger="every 1s"' in text(boss, f"/routes/keys/{key.uuid}/state")


def test_a_test_that_nobody_can_run_says_so(boss):
    make_key()
    assert "No dispatcher was heard from" in text(boss)
    heartbeats.beat("dispatcher")
    assert "No dispatcher was heard from" not in text(boss)


def test_a_closed_circuit_says_until_when_and_why_and_opens_again(boss):
    key = make_key()
    close(key)
    key.refresh_from_db()
    page = text(boss)
    assert f"Nothing is sent until {key.closed_until:%H:%M} UTC: fal.ai refused the key." in page.replace(
        f"{key.closed_until:%-d %B}, ", ""
    )
    key = act(boss, key, "reopen")
    assert (key.closed_until, key.closed_why, key.failures) == (None, "", 0)
    assert "Last error: fal.ai refused the key." in text(boss)


def test_a_circuit_that_was_closed_before_is_not_spoken_of(boss):
    Credential.objects.filter(pk=make_key().pk).update(
        closed_until=timezone.now() - timedelta(seconds=1), closed_why="Too many."
    )
    assert "Nothing is sent until" not in text(boss)


def test_a_key_is_paused_once_and_resumed(boss):
    key = act(boss, make_key(), "pause")
    first = key.paused_at
    assert first is not None
    assert "Paused</span>" in text(boss)
    assert act(boss, key, "pause").paused_at == first
    assert act(boss, key, "resume").paused_at is None


def test_name_and_limit_change(boss):
    key = act(boss, make_key(), "change", {"name": "Second account", "at_once": "3"})
    assert (key.name, key.at_once, key.allowance) == ("Second account", 3, 3)
    answer = boss.post(f"/routes/keys/{key.uuid}/change", {"name": "Third", "at_once": "many"})
    assert answer.status_code == 422
    assert 'value="Third"' in answer.content.decode()


def test_a_replaced_key_is_untested_and_sent_to_at_once(boss):
    key = make_key()
    close(key)
    answer_test(key, works=False, said="Locked.", balance=5)
    key = act(boss, key, "replace", {"key": "9999:another-secret"})
    assert vault.unseal(key.sealed) == "9999:another-secret"
    assert (key.ending, key.works, key.said, key.balance_micro_usd) == ("cret", None, "", None)
    assert (key.closed_until, key.failures, key.last_error) == (None, 0, "")
    assert not keys.is_tested(key)


def test_a_replacement_that_is_no_key_leaves_the_old_one(boss):
    key = make_key()
    assert boss.post(f"/routes/keys/{key.uuid}/replace", {"key": "nonsense"}).status_code == 422
    key.refresh_from_db()
    assert vault.unseal(key.sealed) == REAL["fal"]


def test_a_removed_key_is_deleted_here_and_found_no_more(boss, olga):
    key, project = make_key("kling"), make_project(owner=olga)
    order = make_generation(project, olga)
    type(order).objects.filter(pk=order.pk).update(route="kling")
    assert "1 order on Kling waits" in text(boss, f"/routes/keys/{key.uuid}/")
    key = act(boss, key, "remove")
    assert (key.sealed, key.hook_sealed) == ("", "")
    assert key.removed_at is not None
    page = text(boss)
    assert "stay queued" in page
    assert f"key-{key.uuid}" not in page
    assert boss.post(f"/routes/keys/{key.uuid}/test").status_code == 404
    order.refresh_from_db()
    assert order.state == "queued"


def test_a_project_has_its_own_keys_and_names_those_of_the_studio(web, project):
    shared = make_key(name="House account")
    own = make_key("kling", project, "Ours")
    page = text(web, OWN)
    assert "Keys of the studio: <bdi>House account</bdi>" in page
    assert f"key-{own.uuid}" in page
    assert str(shared.uuid) not in page
    assert f"…{shared.ending}" not in page


def test_whoever_leads_a_project_adds_and_tends_its_keys(web, project):
    web.post(f"{OWN}add/runware", {"name": "Ours", "key": REAL["runware"], "at_once": "4"})
    key = Credential.objects.get()
    assert key.project == project
    answer = web.post(f"/routes/keys/{key.uuid}/pause", {"page": "studio"})
    assert answer["Location"] == f"{OWN}#key-{key.uuid}"


def test_the_studio_sees_whose_each_key_is(boss, project):
    make_key(project=project)
    assert "Only Night Market" in text(boss)


def test_keys_are_not_there_for_anybody_else(client, project):
    shared, own = make_key(), make_key("kling", project)
    artist, other = make_user("art@example.com"), make_user("other@example.com")
    make_membership(project, artist, ProjectRole.ARTIST)
    make_project("Elsewhere", owner=other)
    asked = [
        ("get", "/routes/"),
        ("post", "/routes/add/fal"),
        ("get", OWN),
        ("post", f"{OWN}add/fal"),
        ("post", f"{OWN}policy"),
    ]
    for key in (shared, own):
        asked += [("get", f"/routes/keys/{key.uuid}/{name}") for name in ("", "state")]
        acts = ("test", "replace", "change", "pause", "resume", "reopen", "remove")
        asked += [("post", f"/routes/keys/{key.uuid}/{name}") for name in acts]
    for person in (artist, other):
        client.force_login(person)
        for method, path in asked:
            assert getattr(client, method)(path).status_code == 404, path
    client.force_login(project.created_by)
    assert client.get(f"/routes/keys/{shared.uuid}/").status_code == 404
    assert client.post(f"/routes/keys/{shared.uuid}/remove").status_code == 404
    assert Credential.objects.living().count() == 2


def test_nothing_changes_by_looking(boss):
    key = make_key()
    for name in ("test", "replace", "change", "pause", "resume", "reopen", "remove"):
        assert boss.get(f"/routes/keys/{key.uuid}/{name}").status_code == 405
    assert boss.post("/routes/add/draft", {"key": REAL["fal"]}).status_code == 404


def test_a_project_chooses_how_its_orders_find_their_route(web, project):
    assert policy.of(project) == "fixed"
    assert 'value="fixed" checked' in text(web, OWN)
    web.post(f"{OWN}policy", {"kind": "cheapest"})
    web.post(f"{OWN}policy", {"kind": "next"})
    assert policy.of(project) == "next"
    assert 'value="next" checked' in text(web, OWN)
    assert web.post(f"{OWN}policy", {"kind": "dearest"}).status_code == 422
    assert policy.of(project) == "next"


def test_settings_and_the_rail_lead_here(boss, web, project):
    assert f'href="{OWN}"' in text(web, "/projects/night-market/settings")
    assert 'href="/routes/"' in text(boss, "/projects/")
    assert 'href="/routes/"' not in text(web, "/projects/")


@pytest.mark.parametrize("path", ["/routes/", OWN])
def test_the_pages_take_the_same_number_of_queries_for_many_keys(
    boss, project: Project, path, django_assert_max_num_queries
):
    make_key()
    make_key("kling", project)
    boss.get(path)
    with django_assert_max_num_queries(20) as few:
        boss.get(path)
    for number in range(12):
        make_key("runware", name=f"Studio {number}")
        make_key("fal", project, f"Own {number}")
    with django_assert_max_num_queries(len(few)):
        assert boss.get(path).content.decode().count('class="key-row"') == (26 if path == "/routes/" else 13)
