"""Where paid orders stand, said as people say it: words, stopping, deciding, attempts."""

import json
import re
from contextlib import suppress
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from generations import attempts, decisions, results, stopping, unknowns
from generations.models import Attempt, Event, Generation, Outcome, State
from projects.models import Project, ProjectRole
from providers.base import Accepted, Blame, Progress, Refused, Stage
from routes.models import Credential
from spend import ledger
from tests.examples import examples
from tests.factories import make_generation, make_membership, make_project, make_user
from tests.generations import sent

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true", "HX-Request-Type": "partial"}


def shown(web: Client, address: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", web.get(address).content.decode()).split())


def everywhere(web: Client, generation: Generation) -> list[str]:
    """The queue, the strip and the page of the generation, as their words."""
    slug = generation.project.slug
    return [
        shown(web, f"/projects/{slug}/queue"),
        shown(web, f"/projects/{slug}/strip"),
        shown(web, f"/generations/{generation.uuid}/"),
    ]


def toast(answer) -> str:
    return str(json.loads(answer["HX-Trigger"])["toast"]["text"])


def cancel(web: Client, generation: Generation) -> str:
    return toast(web.post(f"/generations/{generation.uuid}/cancel", headers=HTMX))


# Words


def test_an_order_at_the_provider_says_where_it_is_and_why_it_waits(web, ana, project):
    generation = sent.submitted(project, ana)
    for page in everywhere(web, generation):
        assert "At fal" in page
        assert "Drawing" not in page
    results.apply(generation.attempts.get().pk, Progress(Stage.WAITING))
    assert all("Waiting at fal" in page for page in everywhere(web, generation))


def test_paid_pictures_are_fetched_and_drafts_are_drawn(web, ana, project):
    generation = sent.submitted(project, ana)
    sent.collecting(generation)
    for page in everywhere(web, generation):
        assert "Fetching, 0 of 4 ready" in page
    draft = make_generation(project, ana)
    Generation.objects.filter(pk=draft.pk).update(state=State.COLLECTING)
    assert "Drawing, 0 of 1 ready" in shown(web, f"/generations/{draft.uuid}/")


def test_a_lost_answer_says_that_nothing_is_sent_twice(web, ana, project):
    generation = sent.unknown(project, ana)
    for page in everywhere(web, generation):
        assert "Checking whether it was accepted. It is not sent twice." in page
        assert "Whether $0.112 was spent shows then." in page


def test_an_order_that_was_put_back_says_why(web, ana, project):
    generation, begun = sent.sending(project, ana)
    attempts.record(begun, Refused(Blame.MONEY, "The account at fal is out of credit. Nothing was charged."))
    assert all("The account at fal is out of credit" in page for page in everywhere(web, generation))


def test_orders_behind_a_closed_or_paused_key_say_so_too(web, ana, project):
    generation = sent.queued(project, ana)
    later = timezone.now() + timedelta(minutes=9)
    Credential.objects.update(closed_until=later, closed_why="fal refused the key.")
    assert all("fal refused the key." in page for page in everywhere(web, generation))
    Credential.objects.update(paused_at=timezone.now())
    assert all("Nothing was spent." in page for page in everywhere(web, generation))


def test_a_paid_order_does_not_stand_behind_drafts(web, ana, project):
    make_generation(project, ana)
    sent.queued(project, ana)
    assert shown(web, f"/projects/{project.slug}/strip").count("Queued, position 1") == 2


# Stopping


def test_what_is_queued_is_cancelled_for_nothing(web, ana, project):
    generation = sent.queued(project, ana)
    assert all("Cancel, $0" in page for page in everywhere(web, generation))
    assert cancel(web, generation) == stopping.CANCELLED
    generation.refresh_from_db()
    assert generation.state == State.CANCELLED
    assert ledger.balance(project.pk) == ledger.Balance(0, 0)


def test_what_runs_is_asked_to_stop_and_told_that_it_may_cost(web, ana, project):
    generation = sent.submitted(project, ana)
    for page in everywhere(web, generation):
        assert "Ask to stop…" in page
        assert "Then it is finished, $0.112 is charged, and it is kept." in page
    assert cancel(web, generation) == stopping.ASKED
    generation.refresh_from_db()
    assert generation.state == State.SUBMITTED
    for page in everywhere(web, generation):
        assert "Asked to stop" in page
        assert "Ask to stop" not in page
    assert "asked to stop before" in cancel(web, generation)


@pytest.mark.parametrize("route", ["runware", "kling"])
def test_a_route_that_cannot_stop_says_so_before_and_offers_nothing_after(web, ana, project, route):
    generation = sent.queued(project, ana, route)
    assert "cannot stop an order that it has" in shown(web, f"/generations/{generation.uuid}/")
    attempts.record(sent.send(generation), Accepted("job-1"))
    for page in everywhere(web, generation):
        assert "Ask to stop" not in page
        assert "Cancel" not in page
    assert "cannot stop an order that it has" in cancel(web, generation)
    generation.refresh_from_db()
    assert generation.cancel_requested_at is None


def test_what_is_made_already_cannot_be_cancelled(web, ana, project):
    generation = sent.submitted(project, ana)
    sent.collecting(generation)
    for page in everywhere(web, generation):
        assert "Cancel" not in page
        assert "Ask to stop" not in page
    assert "already made and charged" in cancel(web, generation)


def test_of_a_large_order_the_queued_part_is_free_and_the_rest_is_asked(web, ana, project):
    first = sent.queued(project, ana, count=20)
    attempts.record(sent.send(first), Accepted("job-1"))
    page = shown(web, f"/projects/{project.slug}/queue")
    assert "At fal" in page
    answer = web.post(f"/generations/{first.uuid}/cancel", {"batch": "1"}, headers=HTMX)
    assert toast(answer).startswith("What was queued is cancelled, $0. The rest: asked to stop.")
    states = Generation.objects.filter(batch=first.batch).order_by("part").values_list("state", flat=True)
    assert list(states) == ["submitted", "cancelled", "cancelled"]


# Deciding


def decide(web: Client, generation: Generation, **fields: str):
    return web.post(f"/generations/{generation.uuid}/decision", fields)


def test_the_decision_shows_the_evidence_and_what_each_way_costs(web, ana, project):
    generation = sent.undecided(project, ana)
    page = shown(web, f"/generations/{generation.uuid}/decision")
    for words in (
        "Nobody can tell whether fal",
        "as attempt 1",
        "with the key fal key",
        "Its list does not name it.",
        "Once. It is looked for again at",
        "Webhooks None came.",
        "Send again (may cost $0.112 twice)",
        "Give up (releases $0.112)",
        "It ran: here is its number",
        str(generation.attempts.get().uuid),
    ):
        assert words in page


def test_the_decision_is_one_step_from_everywhere(web, ana, project):
    generation = sent.undecided(project, ana)
    sent.submitted(project, ana)
    link = f'href="/generations/{generation.uuid}/decision"'
    pages = (f"/projects/{project.slug}/queue?state=decide", f"/projects/{project.slug}/strip")
    held = f"/projects/{project.slug}/tiles?id={generation.outputs.get(index=0).uuid}"
    for address in (*pages, f"/generations/{generation.uuid}/", held):
        assert link in web.get(address).content.decode()
    listed = web.get("/queue/?state=decide").content.decode()
    assert listed.count('id="q-') == 1
    assert 'Needs a decision <span class="count count-hot">1</span>' in listed


def test_sent_again_it_is_queued_with_its_money_still_reserved(web, ana, project):
    generation = sent.undecided(project, ana)
    answer = decide(web, generation, act="again")
    assert (answer.status_code, answer["Location"]) == (302, f"/generations/{generation.uuid}/")
    generation.refresh_from_db()
    assert generation.state == State.QUEUED
    assert ledger.balance(project.pk).reserved == generation.estimate_micro_usd
    attempts.record(sent.send(generation), Accepted("req-2"))
    page = shown(web, f"/generations/{generation.uuid}/")
    assert "Given up, and still looked for" in page
    assert "Accepted req-2" in page
    assert ana.name in page


def test_given_up_it_releases_the_money(web, ana, project):
    generation = sent.undecided(project, ana)
    assert decide(web, generation, act="give_up").status_code == 302
    generation.refresh_from_db()
    assert generation.state == State.FAILED
    assert ledger.balance(project.pk) == ledger.Balance(0, 0)


def test_with_its_number_it_is_followed(web, ana, project):
    generation = sent.undecided(project, ana)
    assert decide(web, generation, act="ran", number=" req-77 ").status_code == 302
    generation.refresh_from_db()
    assert generation.state == State.SUBMITTED
    assert generation.attempts.get().remote_id == "req-77"


@pytest.mark.parametrize("number", ["", "a b", "../x", "1" * 201, "req\0", "<b>"])
def test_a_number_that_is_none_is_refused_and_kept(web, ana, project, number):
    generation = sent.undecided(project, ana)
    answer = decide(web, generation, act="ran", number=number)
    assert answer.status_code == 422
    assert "letters, digits, - and _ only. Nothing was changed." in answer.content.decode()
    assert generation.attempts.get().remote_id == ""


def test_the_number_of_another_order_is_refused_and_kept(web, ana, project):
    sent.submitted(make_project("Elsewhere"), number="req-1")
    generation = sent.undecided(project, ana)
    answer = decide(web, generation, act="ran", number="req-1")
    assert answer.status_code == 422
    page = answer.content.decode()
    assert "belongs to another order already" in page
    assert 'value="req-1"' in page
    generation.refresh_from_db()
    assert generation.state == State.NEEDS_DECISION


def test_a_number_that_another_order_took_meanwhile_leaves_no_trace(ana, project):
    sent.submitted(make_project("Elsewhere"), number="req-1")
    generation = sent.undecided(project, ana)
    assert not unknowns.it_ran(generation, "req-1", ana)
    assert not Event.objects.filter(generation=generation, note__contains="says it ran").exists()
    generation.refresh_from_db()
    assert generation.state == State.NEEDS_DECISION


@pytest.mark.parametrize("act", ["again", "give_up", "ran"])
def test_a_decision_that_came_too_late_says_so(web, ana, project, act):
    generation = sent.undecided(project, ana)
    attempts.bind(generation.attempts.get().pk, Accepted("req-9"))
    answer = decide(web, generation, act=act, number="req-10")
    assert answer.status_code == 409
    page = answer.content.decode()
    assert "This came too late" in page
    assert "Send again" not in page
    assert Event.objects.filter(generation=generation, actor=ana.name, to_state="queued").count() == 1


def test_an_unknown_act_changes_nothing(web, ana, project):
    generation = sent.undecided(project, ana)
    answer = decide(web, generation, act="burn")
    assert answer.status_code == 422
    assert "Nothing was changed." in answer.content.decode()


def test_a_job_that_was_accepted_and_never_finished_can_be_sent_again(web, ana, project):
    generation = sent.submitted(project, ana)
    Attempt.objects.update(sent_at=timezone.now() - timedelta(days=30))
    results.apply(generation.attempts.get().pk, Progress(Stage.RUNNING))
    page = shown(web, f"/generations/{generation.uuid}/decision")
    assert "accepted it and never finished it" in page
    assert "here is its number" not in page
    assert decide(web, generation, act="again").status_code == 302
    attempts.record(sent.send(generation), Accepted("req-2"))
    lives = generation.attempts.filter(is_late=False).values_list("remote_id", "outcome")
    assert list(lives) == [("req-2", Outcome.ACCEPTED)]


def test_an_older_wish_to_stop_does_not_end_what_is_sent_again(web, ana, project):
    generation = sent.unknown(project, ana)
    cancel(web, generation)
    Attempt.objects.update(sent_at=timezone.now() - timedelta(hours=3))
    Generation.objects.update(state=State.NEEDS_DECISION)
    decide(web, generation, act="again")
    generation.refresh_from_db()
    assert generation.cancel_requested_at is None


def test_a_reviewer_sees_the_evidence_and_decides_nothing(client, ana, project):
    generation = sent.undecided(project, ana)
    reviewer = make_user("rex@example.com")
    make_membership(project, reviewer, ProjectRole.REVIEWER)
    client.force_login(reviewer)
    page = shown(client, f"/generations/{generation.uuid}/decision")
    assert "Nobody can tell whether fal" in page
    assert "Send again" not in page
    assert decide(client, generation, act="give_up").status_code == 404


def test_somebody_else_finds_no_decision(client, ana, project):
    generation = sent.undecided(project, ana)
    client.force_login(make_user("eve@example.com"))
    assert client.get(f"/generations/{generation.uuid}/decision").status_code == 404
    assert decide(client, generation, act="again").status_code == 404


def test_a_draft_has_nothing_to_decide(web, ana, project):
    draft = make_generation(project, ana)
    page = shown(web, f"/generations/{draft.uuid}/decision")
    assert "Nothing to decide: Queued" in page
    assert decide(web, draft, act="again").status_code == 409


@settings(
    max_examples=examples(20), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(number=st.text(max_size=220) | st.from_regex(r"[\w-]{1,40}", fullmatch=True))
def test_only_a_plain_number_ever_reaches_the_provider(ana, project, number):
    generation = Generation.objects.first() or sent.undecided(project, ana)
    Attempt.objects.update(outcome=Outcome.UNKNOWN, remote_id="")
    Generation.objects.update(state=State.NEEDS_DECISION)
    with suppress(decisions.NotTaken):
        decisions.decide(Generation.objects.get(pk=generation.pk), "ran", number, ana)
    kept = Attempt.objects.get().remote_id
    assert not kept or re.fullmatch(r"[A-Za-z0-9_-]{1,200}", kept)


# Questions to the database


@pytest.mark.parametrize("place", ["", "decision"])
def test_a_page_asks_as_much_for_many_attempts_as_for_one(web, ana, project, place):
    generation = sent.undecided(project, ana)

    def questions() -> int:
        with CaptureQueriesContext(connection) as asked:
            assert web.get(f"/generations/{generation.uuid}/{place}").status_code == 200
        return len(asked)

    questions()
    few = questions()
    attempt = generation.attempts.get()
    for number in range(2, 9):
        Attempt.objects.create(
            generation=generation, number=number, route="fal", body={}, body_sha256="0" * 64,
            sent_at=attempt.sent_at, outcome=Outcome.VOID, credential=attempt.credential,
        )  # fmt: skip
    assert questions() == few


def test_the_queue_asks_as_much_for_many_paid_orders_as_for_one(web, ana, project):
    sent.undecided(project, ana)

    def questions() -> int:
        with CaptureQueriesContext(connection) as asked:
            assert web.get("/queue/").status_code == 200
        return len(asked)

    questions()
    few = questions()
    sent.submitted(project, ana)
    sent.unknown(project, ana)
    sent.queued(project, ana, count=20)
    assert questions() == few


def test_the_strip_brings_what_was_spent_meanwhile_and_a_page_shows_it_once(
    web: Client, project: Project
) -> None:
    alone = web.get(f"/projects/{project.slug}/strip").content.decode()
    assert 'id="budget" hx-swap-oob="true"' in alone
    assert web.get(f"/projects/{project.slug}/").content.decode().count('id="budget"') == 1
