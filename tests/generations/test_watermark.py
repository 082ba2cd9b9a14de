"""Asking for a copy with Kling's watermark: where it is offered, what is frozen, and how it is handed out."""

import io
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction
from django.http import QueryDict
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import User
from generations import (
    arrivals,
    as_code,
    attempts,
    heartbeats,
    ordering,
    pipeline,
    places,
    plan,
    repeat,
    results,
    watermarks,
)
from generations.models import Generation, Output, OutputState, State, Twin
from generations.pipeline import Claim
from generations.takeover import takeover
from generations.twins import TwinState
from media import forgetting, storage
from media.models import Blob
from projects.models import Project
from providers import pasted
from providers.base import Accepted, Progress, RemotePicture, Stage
from studio.management.commands import generate
from tests.factories import make_blob, make_intent, make_picture, make_user
from tests.generations import sent
from tests.generations.test_composer import send
from tests.paid import make_key, order

pytestmark = pytest.mark.django_db
BOX = "Also a copy with Kling's watermark"
COLOUR = "#123456"
KLING = {"route": "kling", "model": "o3", "format": "png"}


def marked(project: Project, user: User | None = None, **changes: Any) -> Generation:
    make_key("kling")
    return order(project, "kling-o3-text", user, watermark=True, **changes)


def finish(generation: Generation) -> Output:
    """Its picture is here, and its copy is noted."""
    begun = sent.send(generation)
    attempts.record(begun, Accepted("task-1"))
    there = RemotePicture(0, "https://a.klingai.com/0.png", twin="https://a.klingai.com/w0.png")
    results.apply(generation.attempts.get().pk, Progress(Stage.DONE, pictures=(there,)))
    output = generation.outputs.get()
    held = pipeline.claim(output.pk, "test")
    assert held is not None
    assert pipeline.store(held, make_blob(), "test")
    return output


def bring_copy(output: Output) -> Twin:
    (held, _, twin), *_ = watermarks.to_fetch(timezone.now(), 1)
    assert twin.output_id == output.pk
    watermarks.arrived(held)
    claimed = watermarks.to_decode(output.pk)
    assert claimed is not None
    watermarks.store(claimed[0], make_blob(COLOUR), "test")
    return Twin.objects.select_related("blob").get()


@pytest.fixture
def still(project: Project, ana: User) -> Output:
    """A stored still whose copy with the watermark is here as well."""
    output = finish(marked(project, ana))
    bring_copy(output)
    output.refresh_from_db()
    return output


def test_the_box_shows_only_where_the_endpoint_makes_such_copies(web: Client, project: Project) -> None:
    make_key("kling")
    make_key("fal")
    assert BOX in send(web, project, "preview", **KLING).content.decode()
    for route in ("draft", "fal", "runware"):
        assert BOX not in send(web, project, "preview", route=route).content.decode()


def test_a_choice_is_kept_on_a_route_that_has_none_and_not_frozen(web: Client, project: Project) -> None:
    shown = send(web, project, "preview", watermark="1").content.decode()
    assert '<input type="hidden" name="watermark" value="1">' in shown
    send(web, project, watermark="1", route="draft")
    assert "watermark" not in Generation.objects.get().request


def test_a_choice_is_frozen_and_asked_for(web: Client, project: Project) -> None:
    make_key("kling")
    send(web, project, watermark="1", **KLING)
    generation = Generation.objects.get()
    assert generation.request["watermark"] is True
    assert ordering.of_generation(generation).watermark


def test_a_request_without_the_choice_is_frozen_as_before_there_was_one(project: Project) -> None:
    plain = make_intent(project, endpoint="kling-o3-text")
    assert "watermark" not in plan.frozen(plain)
    chosen = plan.frozen(replace(plain, watermark=True))
    assert chosen == {**plan.frozen(plain), "watermark": True}


def test_a_repeated_one_asks_again(project: Project, ana: User) -> None:
    generation = marked(project, ana)
    assert repeat.intent(generation, ana, generation.form_key).watermark
    assert repeat.as_form(generation)["watermark"] == "1"
    assert "--watermark" in as_code.command(generation)


def test_one_that_did_not_ask_stays_silent(project: Project, ana: User) -> None:
    make_key("kling")
    generation = order(project, "kling-o3-text", ana)
    assert not repeat.intent(generation, ana, generation.form_key).watermark
    assert "watermark" not in repeat.as_form(generation)
    assert "--watermark" not in as_code.command(generation)


def test_who_did_not_ask_pays_no_query_for_it(project: Project, ana: User) -> None:
    """From the provider's last word to the stored picture, even where the answer names a copy."""
    make_key("kling")
    generation = order(project, "kling-o3-text", ana)
    attempts.record(sent.send(generation), Accepted("task-1"))
    there = RemotePicture(0, "https://a.klingai.com/0.png", twin="https://a.klingai.com/w0.png")
    output = generation.outputs.get()
    with CaptureQueriesContext(connection) as told:
        (wanted,) = results.apply(generation.attempts.get().pk, Progress(Stage.DONE, pictures=(there,)), 1)
        storage.arrival(wanted.name).parent.mkdir(parents=True, exist_ok=True)
        storage.arrival(wanted.name).write_bytes(make_picture())
        places.arrived([wanted.held])
        arrivals.take_in(output.pk)
    output.refresh_from_db()
    assert output.state == OutputState.STORED
    assert not [query["sql"] for query in told if "generations_twin" in query["sql"]]
    assert not Twin.objects.exists()


def test_its_address_is_sealed_until_it_is_forgotten(project: Project, ana: User) -> None:
    output = finish(marked(project, ana))
    twin = Twin.objects.get()
    assert twin.source
    assert "klingai" not in twin.source
    assert bring_copy(output).source == ""


def test_what_becomes_of_it_leaves_the_generation_alone(still: Output) -> None:
    generation = Generation.objects.get()
    assert (generation.state, generation.outputs.count()) == (State.SUCCEEDED, 1)
    assert generation.events.filter(note="Its copy with Kling's watermark is here as well.").exists()


@pytest.mark.parametrize(
    "changes",
    [
        {"state": "odd"},
        {"state": TwinState.STORED, "due_at": None, "source": ""},
        {"state": TwinState.LOST},
        {"due_at": None},
    ],
)
def test_the_database_refuses_what_cannot_be(project: Project, ana: User, changes: dict[str, object]) -> None:
    finish(marked(project, ana))
    with pytest.raises(IntegrityError), transaction.atomic():
        Twin.objects.update(**changes)


def test_a_copy_of_a_picture_that_did_not_come_is_given_up(project: Project, ana: User) -> None:
    generation = marked(project, ana)
    attempts.record(sent.send(generation), Accepted("task-1"))
    there = RemotePicture(0, "https://a.klingai.com/0.png", twin="https://a.klingai.com/w0.png")
    results.apply(generation.attempts.get().pk, Progress(Stage.DONE, pictures=(there,)))
    held = pipeline.claim(generation.outputs.get().pk, "test")
    assert held is not None
    pipeline.fail(held, "It is no picture.", "test")
    assert watermarks.to_fetch(timezone.now(), 9) == []
    assert Twin.objects.get().state == TwinState.LOST


def test_an_address_that_nobody_can_open_is_given_up(project: Project, ana: User) -> None:
    finish(marked(project, ana))
    Twin.objects.update(source="sealed with another key")
    assert watermarks.to_fetch(timezone.now(), 9) == []
    assert Twin.objects.get().state == TwinState.LOST


def test_it_is_downloaded_under_a_name_that_says_so(web: Client, still: Output) -> None:
    answer = web.get(f"/outputs/{still.uuid}/download?watermark=1")
    assert answer.getvalue() == storage.original(make_blob(COLOUR).sha256).read_bytes()
    assert answer["Content-Disposition"].endswith('_01.watermark.png"')


def test_strangers_get_none_and_nobody_gets_one_that_is_flagged(
    client: Client, web: Client, still: Output
) -> None:
    address = f"/outputs/{still.uuid}/download?watermark=1"
    Output.objects.update(is_flagged=True)
    assert web.get(address).status_code == 422
    Output.objects.update(is_flagged=False)
    client.force_login(make_user("stranger@example.com"))
    assert client.get(address).status_code == 404


def test_there_is_nothing_to_download_before_it_is_here(web: Client, project: Project, ana: User) -> None:
    output = finish(marked(project, ana))
    assert web.get(f"/outputs/{output.uuid}/download?watermark=1").status_code == 404
    assert web.get(f"/outputs/{output.uuid}/download").status_code == 200


def run(*arguments: str) -> dict[str, Any]:
    out = io.StringIO()
    asked = ("--project", "night-market", "--prompt", "A lighthouse", "--watermark", "--json", *arguments)
    call_command("generate", *asked, stdout=out, stderr=io.StringIO())
    told: dict[str, Any] = json.loads(out.getvalue())
    return told


def step() -> None:
    """One step of a dispatcher and a worker."""
    generation = Generation.objects.get()
    if generation.state == State.QUEUED:
        finish(generation)
    elif Twin.objects.filter(state=TwinState.WAITING).exists():
        bring_copy(Output.objects.get())


def test_the_command_waits_for_it_and_writes_it_beside(
    project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_key("kling")
    heartbeats.beat("dispatcher")
    monkeypatch.setattr(f"{generate.__name__}.time.sleep", lambda _: step())
    told = run("--route", "kling", "--out", str(tmp_path))
    (row,) = told["outputs"]
    picture, copy = Path(row["path"]), Path(row["watermark"])
    assert copy.name == f"{picture.stem}.watermark{picture.suffix}"
    assert {file.name for file in tmp_path.iterdir()} == {picture.name, copy.name}
    assert copy.read_bytes() != picture.read_bytes()


def test_the_command_does_not_wait_without_a_dispatcher(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_key("kling")
    monkeypatch.setattr(f"{generate.__name__}.time.sleep", lambda _: finish(Generation.objects.get()))
    (row,) = run("--route", "kling")["outputs"]
    assert "watermark" not in row


def test_the_command_refuses_where_nobody_makes_one(project: Project) -> None:
    with pytest.raises(CommandError, match=r"Draft makes no copies with a watermark\. Nothing was made"):
        run("--route", "draft")
    assert not Generation.objects.exists()


def test_a_claim_of_another_try_changes_nothing(project: Project, ana: User) -> None:
    output = finish(marked(project, ana))
    watermarks.give_up(Claim(output.pk, output.generation_id, 7), "an old claim")
    assert Twin.objects.get().state == TwinState.WAITING


def test_the_viewer_offers_it_only_once_it_is_here(web: Client, project: Project, ana: User) -> None:
    output = finish(marked(project, ana))
    assert "watermark" not in web.get(f"/outputs/{output.uuid}/").text
    bring_copy(output)
    shown = web.get(f"/outputs/{output.uuid}/").text
    assert f'href="/outputs/{output.uuid}/download?watermark=1"' in shown
    assert "With Kling's watermark" in shown
    Output.objects.update(is_flagged=True)
    assert "With Kling's watermark" not in web.get(f"/outputs/{output.uuid}/").text


@pytest.mark.django_db(transaction=True)
def test_its_bytes_go_with_its_project(web: Client, project: Project, still: Output) -> None:
    blobs = list(Blob.objects.all())
    assert len(blobs) == 2
    Blob.objects.update(asked_at=None)
    assert web.post(f"/projects/{project.slug}/delete", {"typed": project.slug}).status_code == 302
    forgetting.sweep()
    assert not Blob.objects.exists()
    assert not any(storage.original(blob.sha256).exists() for blob in blobs)


def test_a_pasted_request_brings_the_choice_along() -> None:
    body = {"model_name": "kling-v3-omni", "prompt": "A pier", "watermark_info": {"enabled": True}}
    read = pasted.read(json.dumps(body))
    assert isinstance(read, pasted.Pasted)
    assert (read.watermark, read.left_out) == (True, ())
    taken = takeover(read, QueryDict("prompt=A+pier&mode=still&model=o3"))
    assert ("watermark", "1") in taken.fields
    assert [change.label for change in taken.changes] == ["Copy with a watermark"]
