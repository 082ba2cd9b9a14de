"""`manage.py generate` of more pictures than one order makes: every order is waited for and told of."""

import io
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.management import call_command

from accounts.models import StudioRole, User
from generations import horizons
from generations.models import Generation, State
from projects.models import Project
from routes import policy
from routes.models import PolicyKind
from studio.management.commands import generate
from tests.factories import make_user
from tests.paid import Sandbox, dispatch_all, make_key, sandbox

pytestmark = pytest.mark.django_db
ASKED = ("--project", "night-market", "--prompt", "A lighthouse", "--count", "11")


@pytest.fixture
def room(monkeypatch: pytest.MonkeyPatch) -> Iterator[Sandbox]:
    """A sandbox, and a dispatcher that works while the command naps."""
    monkeypatch.setattr(f"{generate.__name__}.time.sleep", lambda _: dispatch_all())
    with sandbox() as found:
        yield found


@pytest.fixture
def owner(project: Project) -> User:
    return make_user("owner@example.com", role=StudioRole.OWNER)


def run(*arguments: str) -> tuple[str, object]:
    """What it says, and how it ends."""
    out = io.StringIO()
    code: object = 0
    try:
        call_command("generate", *ASKED, *arguments, stdout=out, stderr=io.StringIO())
    except SystemExit as ended:
        code = ended.code
    return out.getvalue(), code


@pytest.mark.slow
def test_every_order_is_waited_for_and_told_of(project: Project, room: Sandbox, tmp_path: Path) -> None:
    make_key("fal")
    out, code = run("--route", "fal", "--json", "--out", str(tmp_path))
    told = json.loads(out)
    assert (told["state"], told["cost_usd"], code) == ("succeeded", "0.308", 0)
    assert [(row["state"], len(row["outputs"]), row["cost_usd"]) for row in told["orders"]] == [
        ("succeeded", 9, "0.252"),
        ("succeeded", 2, "0.056"),
    ]
    assert len({row["output"] for row in told["outputs"]}) == len(list(tmp_path.iterdir())) == 11
    assert told["money"] == "$0.308 was charged."


def test_one_that_fails_fails_the_command_and_the_others_are_told(project: Project, room: Sandbox) -> None:
    make_key("fal")
    room.fault("error", operation="submit", kind="safety")
    out, code = run("--route", "fal")
    assert code == 1
    made = Generation.objects.get(state=State.SUCCEEDED)
    refused = Generation.objects.get(state=State.FAILED)
    assert f"Succeeded: {made.uuid}, cost ${(made.cost_micro_usd or 0) / 1e6:.3f}." in out
    assert f"Failed: {refused.uuid}, cost $0.000." in out
    for output in made.outputs.all():
        assert str(output.uuid) in out
    assert out.rstrip().endswith(f"${(made.cost_micro_usd or 0) / 1e6:.3f} was charged.")


def test_where_nobody_can_tell_the_rest_is_made_and_the_doubt_is_said(
    project: Project, room: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_key("fal")
    monkeypatch.setattr(horizons, "DECIDE", horizons.DECIDE / 6)
    room.fault("close", operation="submit", when="before")
    out, code = run("--route", "fal", "--json")
    told = json.loads(out)
    assert (told["state"], told["cost_usd"], code) == ("needs_decision", None, 1)
    assert sorted(row["state"] for row in told["orders"]) == ["needs_decision", "succeeded"]
    assert "as far as is known" in told["money"]
    assert "may have been spent" in told["money"]


@pytest.mark.slow
def test_what_goes_on_by_another_route_is_followed_there(
    project: Project, room: Sandbox, owner: User
) -> None:
    make_key("fal")
    make_key("kling")
    policy.choose(project, PolicyKind.NEXT)
    room.fault("error", operation="submit", kind="input", protocol="fal", times=0)
    out, code = run("--route", "fal", "--json")
    told = json.loads(out)
    assert (told["state"], told["error"], code) == ("succeeded", "", 0)
    assert {(row["route"], row["state"]) for row in told["orders"]} == {
        ("fal", "failed"),
        ("kling", "succeeded"),
    }
    assert len(told["outputs"]) == 11


@pytest.mark.slow
def test_drafts_of_every_order_are_drawn(project: Project) -> None:
    out, code = run("--route", "draft", "--json", "--count", "12")
    told = json.loads(out)
    assert (len(told["outputs"]), told["money"], code) == (12, "Nothing was charged.", 0)
    assert not Generation.objects.open().exists()
