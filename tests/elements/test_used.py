"""Where an element was used, what that cost, and making it again with the current version."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from elements import library
from elements.models import Consent, Element
from gallery import used_in
from generations.models import Flag, Generation, GenerationElement, Output, State
from projects.cast import cast
from projects.models import Project
from tests.factories import make_element, make_project, make_stored, make_user

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


def use(element: Element, project: Project, count: int = 1, cost: int = 0) -> list[Output]:
    """Stored pictures of a generation that used the element as it is now."""
    outputs = make_stored(project, project.created_by, f"@{element.handle} waits", count)
    generation = outputs[0].generation
    GenerationElement.objects.create(
        generation=generation, element=element, version=element.current, name=element.handle, position=0
    )
    Generation.objects.filter(pk=generation.pk).update(cost_micro_usd=cost, state=State.SUCCEEDED)
    return outputs


def tiles(page: str) -> list[str]:
    return re.findall(r'data-output="([^"]+)"', page)


@pytest.fixture
def mara(project: Project) -> Element:
    return make_element()


def test_each_version_knows_its_pictures_cost_and_picks(web, project, ana, mara):
    first = use(mara, project, count=2, cost=60_000)
    old = mara.current
    library.new_version(mara, library.Change(description="Chemist"), None)
    use(mara, project, cost=0)
    Output.objects.filter(pk=first[0].pk).update(flag=Flag.PICK)
    uses = used_in.by_version(mara, ana)
    assert old is not None
    assert mara.current is not None
    assert uses[old.pk] == used_in.Use(pictures=2, picked=1, cost_micro=60_000)
    assert uses[old.pk].line == "2 pictures, 50 % picked"
    assert uses[old.pk].per_pick == "$0.06 per picked picture"
    assert uses[mara.current.pk] == used_in.Use(pictures=1)
    page = web.get(f"/elements/{mara.uuid}/used").content.decode()
    assert len(tiles(page)) == 3
    assert len(tiles(web.get(f"/elements/{mara.uuid}/used?version=1").content.decode())) == 2
    assert len(tiles(web.get(f"/elements/{mara.uuid}/used?version=old").content.decode())) == 2
    assert len(tiles(web.get(f"/elements/{mara.uuid}/used?version=x").content.decode())) == 3


def test_pictures_of_projects_that_one_does_not_see_do_not_count(web, ana, mara):
    ben = make_user("ben@example.com")
    use(mara, make_project("Elsewhere", ben))
    assert used_in.by_version(mara, ana) == {}
    assert "No picture yet" in web.get(f"/elements/{mara.uuid}/used").content.decode()


def test_swap_and_redo_shows_the_price_and_starts_once(web, project, mara):
    [old] = use(mara, project)
    library.new_version(mara, library.Change(description="Chemist"), None)
    [new] = use(mara, project)
    address = f"/elements/{mara.uuid}/used/again"
    before = Generation.objects.count()
    told = {"id": [str(old.uuid), str(new.uuid)]}
    dialog = web.post(address, told, headers=HTMX).content.decode()
    assert "1 request, 1 picture, the same as before but with @mara v2" in dialog
    assert "1 of the requests used v2 already" in dialog
    assert re.search(r'Make 1 again <span class="sep">·</span> free', dialog)
    assert Generation.objects.count() == before
    key = re.findall(r'name="key" value="([^"]+)"', dialog)[0]
    for _ in range(2):
        answer = web.post(address, {**told, "key": key})
        assert answer.headers["Location"] == f"/projects/{project.slug}/queue"
    again = Generation.objects.latest("pk")
    assert Generation.objects.count() == before + 1
    assert again.parent == old.generation
    assert again.elements.get().version == mara.current


def test_pictures_made_without_the_element_are_not_made_again(web, project, mara):
    [other] = make_stored(project, project.created_by)
    answer = web.post(f"/elements/{mara.uuid}/used/again", {"id": str(other.uuid)}, headers=HTMX)
    assert answer.status_code == 404


def test_consent_that_ended_keeps_a_picture_from_being_made_again(web, project, mara):
    [old] = use(mara, project)
    library.new_version(mara, library.Change(description="Chemist"), None)
    Consent.objects.create(element=mara, state="attested", uses=["review"])
    answer = web.post(f"/elements/{mara.uuid}/used/again", {"id": str(old.uuid)}, headers=HTMX)
    text = answer.content.decode()
    assert "Consent for @mara does not allow stills" in text
    assert "Nothing to make again" in text


def test_the_page_costs_the_same_queries_however_many_pictures_there_are(web, project, mara):
    address = f"/elements/{mara.uuid}/used"
    use(mara, project)

    def queries() -> int:
        with CaptureQueriesContext(connection) as told:
            assert web.get(address).status_code == 200
        return len(told)

    queries()  # the session is written once
    few = queries()
    for _ in range(4):
        use(mara, project, count=2)
    assert queries() == few <= 18


def test_the_page_of_an_element_costs_the_same_queries_however_often_it_was_used(web, ana, project, mara):
    def queries() -> int:
        with CaptureQueriesContext(connection) as told:
            assert web.get(f"/elements/{mara.uuid}/").status_code == 200
        return len(told)

    use(mara, project)
    cast(project, mara)
    queries()  # the session is written and the photo measured once
    few = queries()
    for number in range(3):
        library.new_version(mara, library.Change(description=f"Chemist {number}"), None)
        elsewhere = make_project(f"Elsewhere {number}", ana)
        cast(elsewhere, mara)
        use(mara, elsewhere, count=3)
    assert queries() == few <= 40


def test_swap_and_redo_costs_no_query_per_picture_and_few_per_request(web, project, mara):
    def queries(outputs: list[Output]) -> int:
        told = {"id": [str(output.uuid) for output in outputs]}
        with CaptureQueriesContext(connection) as asked:
            assert web.post(f"/elements/{mara.uuid}/used/again", told, headers=HTMX).status_code == 200
        return len(asked)

    requests = [use(mara, project, count=3) for _ in range(4)]
    library.new_version(mara, library.Change(description="Chemist"), None)
    queries(requests[0])  # the session is written once
    one = queries(requests[0][:1])
    assert queries(requests[0]) == one
    assert queries([still for outputs in requests for still in outputs]) <= one + 3 * 6
