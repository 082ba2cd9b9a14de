"""`manage.py generate` on a paid route: it waits for the dispatcher, says what for, and draws nothing."""

import io
import json
from collections.abc import Callable

import pytest
from django.core.management import call_command

from generations import attempts, heartbeats, pipeline
from generations.models import Generation, OutputState, State
from providers.base import Accepted, Blame, Refused, Unclear
from studio.management.commands import generate
from tests.factories import make_blob
from tests.generations import sent
from tests.paid import make_key

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _key(project) -> None:
    make_key("fal")


@pytest.fixture
def meanwhile(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[Generation], object]], None]:
    """Has something happen to the order while the command waits, in place of its nap."""

    def arrange(act: Callable[[Generation], object]) -> None:
        monkeypatch.setattr(f"{generate.__name__}.time.sleep", lambda _: act(Generation.objects.get()))

    return arrange


def run(*arguments: str) -> tuple[str, str, object]:
    """What it says, what it complains of, and how it ends."""
    out, err = io.StringIO(), io.StringIO()
    asked = ("--project", "night-market", "--route", "fal", "--prompt", "A lighthouse", *arguments)
    code: object = 0
    try:
        call_command("generate", *asked, stdout=out, stderr=err)
    except SystemExit as ended:
        code = ended.code
    return out.getvalue(), err.getvalue(), code


def follow(generation: Generation) -> None:
    """One step of a dispatcher and a worker."""
    if generation.state == State.QUEUED:
        attempts.record(sent.send(generation), Accepted("req-1"))
    elif generation.state == State.SUBMITTED:
        sent.finished(generation, make_blob())


def refuse(generation: Generation) -> None:
    attempts.record(
        sent.send(generation), Refused(Blame.POLICY, "fal refused the words. Nothing was charged.")
    )


def lose(generation: Generation) -> None:
    attempts.record(sent.send(generation), Unclear("no answer came"))
    generation.refresh_from_db()
    pipeline.move(generation, State.NEEDS_DECISION, actor="test")


def interrupt(_: Generation) -> None:
    raise KeyboardInterrupt


def test_it_waits_until_the_pictures_are_here(meanwhile):
    heartbeats.beat("dispatcher")
    meanwhile(follow)
    out, err, code = run("--json")
    assert (err, code) == ("", 0)
    told = json.loads(out)
    assert (told["state"], len(told["outputs"])) == ("succeeded", 1)


def test_without_a_dispatcher_it_says_so_once_and_goes_on_waiting(meanwhile):
    meanwhile(follow)
    _, err, code = run()
    assert err.count("No dispatcher is running, so nothing is sent or fetched until `manage.py up`") == 1
    assert code == 0


def test_it_never_draws_what_a_provider_makes(meanwhile):
    meanwhile(interrupt)
    run("--count", "3")
    assert set(Generation.objects.get().outputs.values_list("state", flat=True)) == {OutputState.PENDING}


def test_interrupted_it_leaves_the_order_going_and_says_so(meanwhile):
    meanwhile(interrupt)
    _, err, code = run()
    generation = Generation.objects.get()
    assert f"Stopped waiting. Generation {generation.uuid} goes on" in err
    assert (generation.state, code) == (State.QUEUED, 130)


def test_a_decision_that_is_needed_ends_the_waiting(meanwhile):
    meanwhile(lose)
    out, _, code = run()
    assert "Nobody can tell how it went at fal.ai: $0.028 may have been spent." in out
    assert "nothing is sent again by itself" in out
    assert "cost not known" in out
    assert code == 1
    assert Generation.objects.get().state == State.NEEDS_DECISION


def test_a_refusal_ends_it_with_its_sentence(meanwhile):
    meanwhile(refuse)
    out, _, code = run()
    assert "fal refused the words. Nothing was charged." in out
    assert code == 1


def test_what_it_waits_for_is_said(meanwhile):
    heartbeats.beat("dispatcher")

    def put_back(generation: Generation) -> None:
        if generation.waiting:
            raise KeyboardInterrupt
        attempts.record(sent.send(generation), Refused(Blame.MONEY, "The account at fal is out of credit."))

    meanwhile(put_back)
    _, err, code = run()
    assert code == 130
    assert err.count("out of credit") == 1
