"""What an order brings along, tried through the sandbox: pictures, elements and series."""

import io
from pathlib import Path
from uuid import uuid4

import pytest
from PIL import Image

from providers import catalogue, wire
from providers.base import (
    Accepted,
    ElementFile,
    Need,
    Posting,
    Prepared,
    Progress,
    Provider,
    ReferenceFile,
    RemoteThing,
)
from providers.known import Known
from tests.providers.cases import KEYS, Case, an_order, ended, job, posting


def photo(folder: Path, name: str) -> Path:
    out = io.BytesIO()
    Image.new("RGB", (640, 480), (90, 60, 40)).save(out, "JPEG")
    path = folder / name
    path.write_bytes(out.getvalue() + name.encode())
    return path


def test_pictures_that_guide_an_order_are_brought_along(case, tmp_path):
    paths = [photo(tmp_path, "pier"), photo(tmp_path, "dusk")]
    order = an_order(2, references=tuple(ReferenceFile(path, "subject", path.name) for path in paths))

    async def talk(asking: Provider) -> Progress:
        known = {}
        for path in paths:
            found = await asking.prepare(Need(file=path))
            assert isinstance(found, Prepared)
            known[path] = found.remote
        sent = posting(case, order, Known(known))
        accepted = await asking.submit(sent)
        assert isinstance(accepted, Accepted)
        return await ended(asking, job(sent, accepted, 2))

    assert len(case.talk(talk).pictures) == 2


def test_elements_and_series_are_brought_along(case, tmp_path):
    row = catalogue.find(case.route, "o3", 0, True, 1)
    if case.route == "runware":
        assert row is None  # it has neither, and nothing is sent
        return
    mara = ElementFile("mara", "mara@3", "character", "Mara", "A detective.", photo(tmp_path, "front"))
    order = an_order(3, series=True, elements=(mara,))

    async def talk(asking: Provider) -> tuple[Progress, bool]:
        front = await asking.prepare(Need(file=mara.front))
        number = await asking.prepare(Need(element=mara, endpoint=row))
        assert isinstance(front, Prepared)
        assert isinstance(number, Prepared)
        known = Known({mara.front: front.remote}, {mara.version: int(number.remote or 0)})
        sent = posting(case, order, known)
        accepted = await asking.submit(sent)
        assert isinstance(accepted, Accepted)
        done = await ended(asking, job(sent, accepted))
        return done, await asking.forget(RemoteThing(number.remote, is_element=True))

    done, forgotten = case.talk(talk)
    assert len(done.pictures) == 3
    assert forgotten is (case.route == "kling")


PAID = [row for row in catalogue.endpoints() if row.remote]


@pytest.mark.parametrize("row", PAID, ids=[row.key for row in PAID])
def test_every_endpoint_of_the_catalogue_makes_what_is_ordered(row, base, client, tmp_path):
    """An order as full as its endpoint takes: references in their places, its ratio and its largest size."""
    client.post(f"{base}/_/reset", json={})
    case = Case(row.route, KEYS[row.route], base, client)
    roles = [slot.role for slot in row.slots for _ in range(slot.most)] or ["subject"] * row.references_max
    paths = [photo(tmp_path, f"photo-{number}") for number, _ in enumerate(roles)]
    guides = tuple(ReferenceFile(path, role, path.name) for path, role in zip(paths, roles, strict=True))
    width, height = catalogue.size(row, row.resolutions[-1], "3:2")
    order = an_order(
        2, references=guides, resolution=row.resolutions[-1], ratio="3:2", width=width, height=height
    )

    async def talk(asking: Provider) -> Progress:
        known = {}
        for path in paths:
            found = await asking.prepare(Need(file=path))
            assert isinstance(found, Prepared)
            known[path] = found.remote
        attempt = str(uuid4())
        sent = Posting(row, wire.translate(order, row, Known(known), attempt), attempt)
        accepted = await asking.submit(sent)
        assert isinstance(accepted, Accepted)
        return await ended(asking, job(sent, accepted, 2))

    done = case.talk(talk)
    assert len(done.pictures) == 2
    assert done.cost_usd == catalogue.estimate(row, row.resolutions[-1], 2)
    [line] = case.charges()
    assert line["ignored"] == []
