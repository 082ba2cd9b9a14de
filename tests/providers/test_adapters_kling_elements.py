"""Elements at Kling: made once for an account and its photos, found by our own id, deleted on request."""

import base64
from pathlib import Path
from typing import Any

import pytest

from providers import kling_elements
from providers.base import Blame, ElementFile, Need, Prepared, Refused, RemoteThing, Unclear
from tests.providers.scripted import LOST, Asked, Reply, Script, at_desk
from tests.providers.test_adapters_kling import ENDPOINT, JPEG, NOT_FOUND, granted, provider

ELEMENTS = "/v1/general/advanced-custom-elements"
NUMBER = 861234567890123457


def element(folder: Path) -> ElementFile:
    (folder / "front").write_bytes(JPEG)
    return ElementFile("mara", "mara@3", "character", "Mara", "A detective.", folder / "front")


class Library:
    """Elements at Kling: made at the first look, found again by our own id."""

    def __init__(self, *ends: str) -> None:
        self.ends = list(ends)  # how each new one ends: succeed, failed or deleted
        self.made: dict[str, str] = {}
        self.answers: list[Reply] = []

    def create(self, asked: Asked) -> Reply:
        name = asked.json()["external_task_id"]
        if name in self.made:
            return Reply({"code": 1201, "message": f"External_task_id {name} already exists"}, 400)
        self.made[name] = self.ends.pop(0)
        return self.answers.pop(0) if self.answers else granted({"task_id": "e-1"})

    def script(self) -> Script:
        return {f"POST {ELEMENTS}": self.create, **{f"GET {ELEMENTS}/{n}": self.query(n) for n in self.made}}

    def query(self, name: str) -> Reply:
        end = self.made[name]
        if end == "failed":
            return granted({"task_id": "e-1", "task_status": "failed", "task_status_msg": "No face"})
        status = "deleted" if end == "deleted" else "succeed"
        made = {"element_id": NUMBER, "status": status}
        return granted({"task_id": "e-1", "task_status": "succeed", "task_result": {"elements": [made]}})


class Shelf(dict[str, Any]):
    """A script that knows the library's elements as they come into being."""

    def __init__(self, library: Library) -> None:
        self.library = library

    def get(self, name: str, default: Any = None) -> Any:
        return self.library.script().get(name, NOT_FOUND)


def prepared(library: Library, folder: Path, times: int = 1):
    need = Need(element=element(folder), endpoint=ENDPOINT)

    async def talk(desk, exits):
        asking = provider(desk, exits)
        return [await asking.prepare(need) for _ in range(times)], desk

    return at_desk(Shelf(library), talk)


def test_an_element_is_made_once_and_known_by_its_number(tmp_path):
    library = Library("succeed")
    found, desk = prepared(library, tmp_path, times=2)
    assert found == [Prepared(str(NUMBER))] * 2
    assert len(library.made) == 1
    body = desk.of("POST", ELEMENTS)[0].json()
    assert body["element_name"] == "Mara"
    assert body["element_image_list"]["frontal_image"] == base64.b64encode(JPEG).decode()


def test_an_element_whose_answer_got_lost_is_found_again(tmp_path):
    library = Library("succeed")
    library.answers = [LOST]
    found, _ = prepared(library, tmp_path, times=2)
    assert isinstance(found[0], Unclear)
    assert found[1] == Prepared(str(NUMBER))


def test_an_element_that_was_deleted_is_made_anew(tmp_path):
    library = Library("deleted", "succeed")
    found, _ = prepared(library, tmp_path)
    assert found == [Prepared(str(NUMBER))]
    assert len(library.made) == 2


def test_an_element_that_fails_says_why_and_is_made_anew_the_next_time(tmp_path):
    library = Library("failed", "succeed")
    found, _ = prepared(library, tmp_path, times=2)
    assert isinstance(found[0], Refused)
    assert "No face." in found[0].sentence
    assert found[0].field == "element"
    assert found[1] == Prepared(str(NUMBER))


def test_an_element_that_is_refused_or_takes_long_is_told(tmp_path, monkeypatch):
    monkeypatch.setattr(kling_elements, "READY_WITHIN", 0.1)
    full = Reply({"code": 1303, "message": "over limit"}, 429)
    need = Need(element=element(tmp_path), endpoint=ENDPOINT)

    async def talk(desk, exits):
        return await provider(desk, exits).prepare(need)

    refused = at_desk({f"POST {ELEMENTS}": full}, talk)
    assert isinstance(refused, Refused)
    assert refused.blame is Blame.RATE
    assert isinstance(at_desk({f"POST {ELEMENTS}": Reply({"code": 5000}, 500)}, talk), Unclear)

    class Slow(dict[str, Any]):
        def get(self, name: str, default: Any = None) -> Any:
            return granted({"task_id": "e-1", "task_status": "processing"})

    assert isinstance(at_desk(Slow(), talk), Unclear)


@pytest.mark.parametrize(
    ("answer", "gone"),
    [
        (granted({}), True),
        (Reply({"code": 1201, "message": "element_id is invalid"}, 400), True),
        (Reply({"code": 5000, "message": "error"}, 500), False),
        (LOST, False),
    ],
)
def test_an_element_is_deleted_where_it_was_made(answer, gone):
    async def talk(desk, exits):
        asking = provider(desk, exits)
        kept = await asking.forget(RemoteThing("a file", is_element=False))
        return kept, await asking.forget(RemoteThing(str(NUMBER), is_element=True)), desk

    kept, deleted, desk = at_desk({"POST /v1/general/delete-elements": answer}, talk)
    assert (kept, deleted) == (False, gone)
    assert desk.asked[0].json() == {"element_id": str(NUMBER)}
