"""The composer through the web's eyes: what it sends, what it is told."""

import json
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import TYPE_CHECKING
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from generations.models import Generation, Output
from projects.models import Project, ProjectRole
from spend.models import LedgerEntry
from tests.factories import make_membership, make_project, make_reference, make_user

if TYPE_CHECKING:
    from django.test.client import _MonkeyPatchedWSGIResponse

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true", "HX-Request-Type": "partial"}


def draft(**changes: object) -> dict[str, object]:
    values = {
        "form_key": str(uuid4()),
        "mode": "still",
        "route": "draft",
        "model": "o3",
        "prompt": "A fox crosses wet asphalt, low angle",
        "negative_prompt": "",
        "resolution": "1K",
        "aspect_ratio": "16:9",
        "count": "4",
        "format": "png",
        "seed": "",
    }
    return {**values, **changes}


def send(
    web: Client, project: Project, act: str = "generate", **changes: object
) -> "_MonkeyPatchedWSGIResponse":
    return web.post(f"/projects/{project.slug}/{act}", draft(**changes), headers=HTMX)


def refused(web: Client, project: Project, **changes: object) -> str:
    answer = web.post(f"/projects/{project.slug}/generate", draft(**changes), headers=HTMX)
    assert answer.status_code == 422
    assert not Generation.objects.exists()
    assert not LedgerEntry.objects.exists()
    return answer.content.decode()


def test_a_draft_becomes_a_generation_with_its_places(web, project):
    answer = send(web, project)
    assert answer.status_code == 200
    generation = Generation.objects.get()
    started = json.loads(answer["HX-Trigger"])["framehouse:started"]
    assert started["generation"] == str(generation.uuid)
    assert set(started["outputs"]) == {
        str(uuid) for uuid in generation.outputs.values_list("uuid", flat=True)
    }
    assert (generation.width, generation.height, generation.count) == (1360, 768, 4)
    assert "A fox crosses wet asphalt" in answer.content.decode()


def test_a_started_form_comes_back_under_a_new_key(web, project):
    key = str(uuid4())
    assert key not in send(web, project, form_key=key).content.decode()


def test_a_double_click_is_one_generation(web, project):
    key = str(uuid4())
    first, second = send(web, project, form_key=key), send(web, project, form_key=key)
    assert (first.status_code, second.status_code) == (200, 200)
    assert first["HX-Trigger"] == second["HX-Trigger"]
    assert Generation.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_many_clicks_at_the_same_moment_are_one_generation(ana, project):
    key = str(uuid4())
    together = Barrier(4)

    def press(_: int) -> "_MonkeyPatchedWSGIResponse":
        web = Client()
        try:
            web.force_login(ana)
            together.wait()
            return send(web, project, form_key=key)
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as people:
        answers = list(people.map(press, range(4)))
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer["HX-Trigger"] for answer in answers}) == 1
    assert Generation.objects.count() == 1
    assert LedgerEntry.objects.count() == 1


def test_a_used_key_with_other_words_is_refused_and_renewed(web, project):
    key = str(uuid4())
    send(web, project, form_key=key)
    answer = send(web, project, form_key=key, prompt="Another thing")
    assert answer.status_code == 422
    assert "already sent with other contents" in answer.content.decode()
    assert key not in answer.content.decode()
    assert Generation.objects.count() == 1


@pytest.mark.parametrize("key", ["", "12", "x" * 10_000, "' OR 1=1--"])
def test_a_form_without_a_true_key_starts_nothing(web, project, key):
    assert "press Generate again" in refused(web, project, form_key=key)


@pytest.mark.parametrize("prompt", ["", "   ", "\r\n\r\n", "\u200b", "\u3164 \u2060", "\ufeff"])
def test_a_prompt_without_anything_to_see_is_missing(web, project, prompt):
    assert "Write a prompt" in refused(web, project, prompt=prompt)


def test_the_limit_counts_code_points(web, project):
    assert send(web, project, prompt="𝒳" * 2500).status_code == 200


def test_line_ends_count_once(web, project):
    assert send(web, project, prompt="a\r\n" * 1250).status_code == 200
    assert Generation.objects.get().prompt == "a\n" * 1250


def test_one_character_too_many_is_refused_with_the_count(web, project):
    page = refused(web, project, prompt="é" * 2501)
    assert "2,501 characters" in page
    assert "Shorten it by 1" in page
    assert "é" * 2501 in page


@pytest.mark.parametrize(
    ("prompt", "name"),
    [
        ("a\x00b", "U+0000 (null)"),
        ("a\x07", "U+0007 (bell)"),
        ("\x1b[31m", "U+001B (escape)"),
        ("\x85", "U+0085"),
    ],
)
def test_control_characters_are_named(web, project, prompt, name):
    assert name in refused(web, project, prompt=prompt)


def test_direction_overrides_are_dropped(web, project):
    send(web, project, prompt="A \u202efox\u202c runs")
    assert Generation.objects.get().prompt == "A fox runs"


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"count": "0"}, "makes 1 to 99 pictures in a batch"),
        ({"count": "100"}, "makes 1 to 99 pictures in a batch"),
        ({"count": "-1"}, "makes 1 to 99 pictures in a batch"),
        ({"count": "four"}, "makes 1 to 99 pictures in a batch"),
        ({"count": "٣"}, "makes 1 to 99 pictures in a batch"),
        ({"mode": "series", "count": "1"}, "makes 2 to 9 panels in a series"),
        ({"mode": "series", "model": "v3"}, "does not make series"),
        ({"mode": "video"}, "is not a mode"),
        ({"aspect_ratio": "5:7"}, "does not make the ratio “5:7”"),
        ({"aspect_ratio": "auto"}, "Auto follows a reference"),
        ({"resolution": "8K"}, "makes 1K, 2K or 4K, not “8K”"),
        ({"model": "v3", "resolution": "4K"}, "makes 1K or 2K, not “4K”"),
        ({"format": "gif"}, "makes PNG, JPEG or WEBP, not “gif”"),
        ({"model": "gpt"}, "There is no model called “gpt”"),
        ({"model": "o1"}, "is not offered on Draft"),
        ({"route": "moon"}, "There is no route called “moon”"),
        (
            {"route": "fal"},
            "fal.ai needs a key before it can make pictures; nothing was sent. Draft is free.",
        ),
        ({"seed": "-1"}, "A seed is a whole number from 0 to 2,147,483,647"),
        ({"seed": "2147483648"}, "A seed is a whole number"),
        ({"seed": "٣"}, "A seed is a whole number"),
        ({"seed": "1_000"}, "A seed is a whole number"),
        ({"seed": "0x10"}, "A seed is a whole number"),
        ({"model": "v3", "negative_prompt": "n" * 2501}, "The negative prompt has 2,501 characters"),
        ({"parent": str(uuid4())}, "is not in this project any more"),
    ],
)
def test_what_the_endpoint_lacks_is_one_sentence(web, project, changes, sentence):
    page = refused(web, project, **changes)
    assert sentence in page
    assert "A fox crosses wet asphalt, low angle" in page


def test_references_come_in_their_order_and_roles(web, project):
    plates = [make_reference(project, colour) for colour in ("#101010", "#202020")]
    answer = send(web, project, reference=[str(plate.uuid) for plate in plates], role=["style", "palette"])
    assert answer.status_code == 200
    generation = Generation.objects.get()
    assert generation.endpoint == "draft-o3-image"
    frozen = generation.references.order_by("position").values_list("reference_id", "role")
    assert list(frozen) == [(plates[0].pk, "style"), (plates[1].pk, "palette")]


def test_a_foreign_a_deleted_and_a_forged_reference_are_told_alike(web, project):
    foreign = make_reference(make_project("Elsewhere"))
    pages = [
        refused(web, project, reference=[uuid], role=["style"])
        for uuid in (str(foreign.uuid), str(uuid4()), "x")
    ]
    assert all("A reference is not in this project any more" in page for page in pages)


def test_a_refused_form_still_shows_the_references_that_are_there(web, project):
    plate = make_reference(project)
    page = refused(web, project, reference=[str(uuid4()), str(plate.uuid)], role=["hero", "palette"])
    assert f'name="reference" value="{plate.uuid}"' in page
    assert '<option value="palette" selected>' in page


def test_more_references_than_a_model_takes_are_counted(web, project):
    plates = [make_reference(project, f"#0000{n:02d}") for n in range(11)]
    uuids = [str(plate.uuid) for plate in plates]
    assert "takes more than 10" in refused(web, project, reference=uuids, role=["style"] * 11)
    page = refused(web, project, model="v3", reference=uuids[:2], role=["style"] * 2)
    assert "takes at most 1 reference, not 2" in page


@pytest.mark.parametrize("roles", [[], ["hero"], ["style", "style"]])
def test_every_reference_needs_a_known_role(web, project, roles):
    plate = make_reference(project)
    assert "Choose a role" in refused(web, project, reference=[str(plate.uuid)], role=roles)


def test_fields_that_nobody_offered_change_nothing(web, project):
    send(web, project, state="succeeded", cost_micro_usd="0", user="1", estimate_micro_usd="9", width="9")
    generation = Generation.objects.get()
    assert (generation.state, generation.cost_micro_usd, generation.width) == ("queued", None, 1360)


def test_a_reviewer_looks_and_does_not_generate(client, project):
    reviewer = make_user("rex@example.com")
    make_membership(project, reviewer, ProjectRole.REVIEWER)
    client.force_login(reviewer)
    page = client.get(f"/projects/{project.slug}/composer")
    assert page.status_code == 200
    assert "You review this project" in page.content.decode()
    assert send(client, project).status_code == 404
    assert not Generation.objects.exists()


def test_somebody_else_finds_nothing(client, project):
    client.force_login(make_user("eve@example.com"))
    for act in ("composer", "strip", "queue", "live"):
        assert client.get(f"/projects/{project.slug}/{act}").status_code == 404
    assert send(client, project).status_code == 404
    assert send(client, project, act="preview").status_code == 404


def test_the_preview_says_size_price_and_endpoint_and_makes_nothing(web, project):
    page = send(web, project, act="preview", resolution="2K").content.decode()
    assert "2720 × 1536 px" in page
    assert "Generate 4" in page
    assert "free" in page
    assert "draft-o3-text" in page
    assert "composer-prompt" not in page
    assert not Generation.objects.exists()


def test_the_preview_of_a_paid_route_has_its_price(web, project):
    page = send(web, project, act="preview", route="fal").content.decode()
    assert "$0.112" in page
    assert "fal.ai needs a key" in page


def test_the_preview_does_not_scold_an_empty_prompt(web, project):
    answer = send(web, project, act="preview", prompt="")
    assert answer.status_code == 200
    assert "Write a prompt" not in answer.content.decode()


def test_a_negative_prompt_stays_in_the_form_where_it_is_not_taken(web, project):
    answer = send(web, project, negative_prompt="blurry")
    assert "blurry" in answer.content.decode()
    assert Generation.objects.get().request["negative_prompt"] == ""


def test_an_earlier_generation_prefills_the_composer(web, project):
    plate = make_reference(project)
    send(
        web,
        project,
        reference=[str(plate.uuid)],
        role=["palette"],
        seed="77",
        count="2",
        aspect_ratio="auto",
    )
    generation = Generation.objects.get()
    page = web.get(f"/projects/{project.slug}/composer?from={generation.uuid}").content.decode()
    assert f'name="parent" value="{generation.uuid}"' in page
    assert str(plate.uuid) in page
    assert 'value="77"' in page
    assert 'value="auto" checked' in page


def test_auto_follows_the_first_reference(web, project):
    plate = make_reference(project)
    send(web, project, reference=[str(plate.uuid)], role=["palette"], aspect_ratio="auto")
    assert (Generation.objects.get().width, Generation.objects.get().height) == (1360, 768)


def test_without_a_script_the_answer_is_a_page(web, project):
    answer = web.post(f"/projects/{project.slug}/generate", draft(count="0"))
    assert answer.status_code == 422
    assert "<!doctype html>" in answer.content.decode()
    answer = web.post(f"/projects/{project.slug}/generate", draft())
    assert (answer.status_code, answer["Location"]) == (302, f"/projects/{project.slug}/")


def test_a_prompt_keeps_its_first_line_end(web, project):
    page = send(web, project, prompt="\n\nA fox", count="0").content.decode()
    assert ">\n\n\nA fox</textarea>" in page


def test_text_is_shown_as_text(web, project):
    page = refused(web, project, count="0", prompt="<script>alert(1)</script>{{ 7 }}")
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;{{ 7 }}" in page


def test_a_million_characters_are_refused_like_one_too_many(web, project):
    assert "Shorten it by" in refused(web, project, prompt="x" * 1_000_000)


def test_what_a_person_does_not_see_has_no_pictures(client, web, project):
    send(web, project)
    output = Output.objects.first()
    assert output is not None
    assert web.get(f"/outputs/{output.uuid}/file/512").status_code == 404
    client.force_login(make_user("eve@example.com"))
    assert client.get(f"/outputs/{output.uuid}/file/512").status_code == 404


def test_the_composer_asks_as_much_for_many_references_as_for_one(web, project):
    plates = [make_reference(project, f"#0000{n:02d}") for n in range(8)]

    def questions(number: int) -> int:
        uuids = [str(plate.uuid) for plate in plates[:number]]
        with CaptureQueriesContext(connection) as asked:
            send(web, project, act="preview", reference=uuids, role=["style"] * number)
        return len(asked)

    questions(1)
    assert questions(8) == questions(1) <= 8
