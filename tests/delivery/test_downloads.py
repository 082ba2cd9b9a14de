"""One still, or many in a zip: what is in it, what it is called, and who gets it."""

import io
import json
import tracemalloc
import zipfile
from pathlib import Path
from uuid import uuid4

import pytest
from django.urls import reverse
from PIL import Image
from pytest_django import DjangoAssertNumQueries

from generations.models import Output, OutputState
from media import storage
from projects.models import Project, ProjectRole
from tests.factories import make_generation, make_membership, make_project, make_stored, make_user

pytestmark = pytest.mark.django_db
PROMPT = "Amalthea whispers over the marmalade"


def original(output: Output) -> Path:
    assert output.blob
    return storage.original(output.blob.sha256)


def one(output: Output, query: str = "") -> str:
    return reverse("delivery:download", args=[output.uuid]) + query


def zipped(project: Project) -> str:
    return reverse("delivery:zip", args=[project.slug])


def ids(outputs: list[Output]) -> dict[str, list[str]]:
    return {"id": [str(output.uuid) for output in outputs]}


def opened(answer) -> zipfile.ZipFile:
    return zipfile.ZipFile(io.BytesIO(answer.getvalue()))


def test_a_download_is_the_untouched_original_under_a_readable_name(web, project, ana):
    output = make_stored(project, ana, PROMPT)[0]
    answer = web.get(one(output))
    expected = f"night-market_{output.created_at:%Y%m%d}_{output.uuid.hex[:8]}_01.png"
    assert answer.getvalue() == original(output).read_bytes()
    assert answer["Content-Disposition"] == f'attachment; filename="{expected}"'
    assert answer["X-Content-Type-Options"] == "nosniff"


def test_the_longest_slug_still_makes_a_short_ascii_name(web, ana):
    output = make_stored(make_project(owner=ana, slug="a" * 60), ana, PROMPT)[0]
    name = web.get(one(output))["Content-Disposition"].split('"')[1]
    assert name.isascii()
    assert len(name) <= 120


def test_a_part_of_a_download_can_be_asked_for(web, project, ana):
    output = make_stored(project, ana)[0]
    answer = web.get(one(output), headers={"Range": "bytes=1-3"})
    assert (answer.status_code, answer.getvalue()) == (206, b"PNG")


@pytest.mark.parametrize(("wanted", "kind", "ending"), [("jpeg", "JPEG", "jpg"), ("webp", "WEBP", "webp")])
def test_a_download_in_another_format_is_converted(web, project, ana, wanted, kind, ending):
    output = make_stored(project, ana, PROMPT)[0]
    answer = web.get(one(output, f"?format={wanted}"))
    body = answer.getvalue()
    picture = Image.open(io.BytesIO(body))
    assert (picture.format, picture.size) == (kind, (128, 72))
    assert answer["Content-Disposition"].endswith(f'_01.{ending}"')
    assert int(answer["Content-Length"]) == len(body)
    assert b"algorithmicMedia" in body
    assert PROMPT.encode() not in body


def test_a_download_in_its_own_format_is_the_original(web, project, ana):
    output = make_stored(project, ana)[0]
    answer = web.get(one(output, "?format=png"))
    assert answer.getvalue() == original(output).read_bytes()


def test_a_format_that_cannot_be_delivered_is_refused_in_a_sentence(web, project, ana):
    answer = web.get(one(make_stored(project, ana)[0], "?format=gif"))
    assert answer.status_code == 422
    assert b"Choose PNG, JPEG or WebP." in answer.content


def test_a_still_of_another_project_cannot_be_downloaded(client, project, ana):
    client.force_login(make_user("eve@example.com"))
    assert client.get(one(make_stored(project, ana)[0])).status_code == 404
    assert client.get(reverse("delivery:download", args=[uuid4()])).status_code == 404


def test_a_still_that_is_not_there_yet_cannot_be_downloaded(web, project, ana):
    output = make_generation(project, ana).outputs.get()
    assert web.get(one(output)).status_code == 404


def test_somebody_who_is_signed_out_is_sent_to_sign_in(client, project, ana):
    output = make_stored(project, ana)[0]
    assert client.get(one(output)).status_code == 302
    assert client.post(zipped(project), ids([output])).status_code == 302


def test_a_zip_holds_each_original_with_its_sidecar(web, project, ana):
    outputs = make_stored(project, ana, PROMPT, count=3)
    answer = web.post(zipped(project), ids(outputs))
    body = answer.getvalue()
    assert int(answer["Content-Length"]) == len(body)
    with zipfile.ZipFile(io.BytesIO(body)) as archive:
        assert archive.testzip() is None
        assert len(archive.namelist()) == 6
        for output in outputs:
            stem = f"night-market_{output.created_at:%Y%m%d}_{output.uuid.hex[:8]}_{output.index + 1:02}"
            assert archive.read(f"{stem}.png") == original(output).read_bytes()
            assert json.loads(archive.read(f"{stem}.json"))["output"] == str(output.uuid)


def test_a_sidecar_says_how_the_picture_was_made(web, project, ana):
    output = make_stored(project, ana, PROMPT)[0]
    with opened(web.get(zipped(project), ids([output]))) as archive:
        facts = json.loads(archive.read(archive.namelist()[1]))
    assert facts["schema"] == 1
    assert facts["project"] == {"name": "Night Market", "slug": "night-market"}
    assert facts["generation"] == str(output.generation.uuid)
    assert facts["request"]["prompt"] == PROMPT
    assert (facts["route"], facts["index"], facts["seed"]) == ("draft", 0, output.seed)
    assert facts["original"]["sha256"] == original(output).name
    assert (facts["width"], facts["height"], facts["cost_usd"]) == (128, 72, "0.000000")
    assert facts["draft"] is True
    assert facts["digital_source_type"].endswith("/algorithmicMedia")


def test_no_name_in_a_zip_holds_a_word_of_the_prompt(web, project, ana):
    answer = web.post(zipped(project), ids(make_stored(project, ana, PROMPT, count=2)))
    told = " ".join([answer["Content-Disposition"], *opened(answer).namelist()]).lower()
    assert not any(word in told for word in PROMPT.lower().split())


def test_one_foreign_id_refuses_the_whole_zip(web, project, ana):
    mine = make_stored(project, ana)
    theirs = make_stored(make_project("Elsewhere", make_user("eve@example.com")))
    other = make_stored(make_project("Mine too", ana), ana)
    for strangers in (theirs, other):
        assert web.post(zipped(project), ids(mine + strangers)).status_code == 404
    assert web.post(zipped(project), {"id": [str(mine[0].uuid), str(uuid4())]}).status_code == 404


def test_a_project_that_is_not_mine_gives_no_zip(web):
    elsewhere = make_project("Elsewhere", make_user("eve@example.com"))
    assert web.post(zipped(elsewhere), ids(make_stored(elsewhere))).status_code == 404


def test_a_reviewer_may_download(client, project, ana):
    rex = make_user("rex@example.com")
    make_membership(project, rex, ProjectRole.REVIEWER)
    client.force_login(rex)
    assert client.post(zipped(project), ids(make_stored(project, ana))).status_code == 200


@pytest.mark.parametrize(
    ("state", "words"),
    [(OutputState.PENDING, "still being made"), (OutputState.FAILED, "making them failed")],
)
def test_an_unfinished_still_refuses_the_zip_in_a_sentence(web, project, ana, state, words):
    made, open_ = make_stored(project, ana), make_generation(project, ana).outputs.get()
    Output.objects.filter(pk=open_.pk).update(state=state)
    answer = web.post(zipped(project), ids([*made, open_]))
    assert answer.status_code == 422
    assert words in answer.content.decode()


@pytest.mark.parametrize(
    "sent", [{}, {"id": ["../../etc/passwd"]}, {"id": [""]}, {"all": "1", "q": "nowhere"}]
)
def test_a_selection_that_says_nothing_is_refused_in_a_sentence(web, project, sent):
    answer = web.post(zipped(project), sent)
    assert answer.status_code == 422
    assert 'role="alert"' in answer.content.decode()


def test_more_than_a_thousand_ids_are_refused(web, project):
    answer = web.post(zipped(project), {"id": [str(uuid4()) for _ in range(1001)]})
    assert answer.status_code == 422
    assert "1,001 stills are selected" in answer.content.decode()


def test_a_zip_of_a_filter_holds_what_the_gallery_shows(web, project, ana):
    picks = make_stored(project, ana, count=2)
    make_stored(project, ana, "Another")
    make_generation(project, ana)
    Output.objects.filter(pk__in=[output.pk for output in picks]).update(flag="pick")
    assert len(opened(web.post(zipped(project), {"all": "1", "show": "picks"})).namelist()) == 4
    assert len(opened(web.get(zipped(project), {"all": "1"})).namelist()) == 6


def test_an_id_sent_twice_is_delivered_once(web, project, ana):
    output = make_stored(project, ana)[0]
    assert len(opened(web.post(zipped(project), ids([output, output]))).namelist()) == 2


def test_a_zip_takes_the_same_queries_for_any_number(
    web, project, ana, django_assert_num_queries: DjangoAssertNumQueries
):
    few, many = make_stored(project, ana), make_stored(project, ana, count=9)
    web.post(zipped(project), ids(few)).getvalue()
    for outputs in (few, many):
        with django_assert_num_queries(4):
            web.post(zipped(project), ids(outputs)).getvalue()


def test_two_hundred_entries_stream_in_flat_memory(web, project, ana):
    first = make_stored(project, ana)[0]
    large = original(first)
    padded = large.read_bytes() + bytes(2_000_000)
    large.write_bytes(padded)
    Output.objects.bulk_create(
        Output(
            generation=first.generation, project=project, created_at=first.created_at, index=index, seed=1,
            width=128, height=72, state=OutputState.STORED, blob=first.blob,
        )
        for index in range(1, 200)
    )  # fmt: skip
    answer = web.get(zipped(project), {"all": "1"})
    tracemalloc.start()
    sent = sum(len(part) for part in answer.streaming_content)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert sent == int(answer["Content-Length"]) > 400_000_000
    assert peak < 10_000_000
