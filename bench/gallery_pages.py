"""The gallery at 100,000 stills: the page against its query as a plain f-string, page 1,000 against page 1.

Ratios of one run on one machine; goals: page <= 6 x the f-string, page 1,000 <= 1.2 x page 1.
"""

import os
import sys
import tempfile
from collections.abc import Callable
from html import escape
from pathlib import Path
from statistics import median
from time import process_time

ROOT = Path(__file__).resolve().parent.parent
OUTPUTS = 100_000
ROUNDS = 40
PAGE_GOAL, DEEP_GOAL = 6.0, 1.2


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="framehouse-bench-") as folder:
        os.environ["FRAMEHOUSE_DATA"] = folder
        os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
        sys.path.insert(0, str(ROOT))
        measure()


def measure() -> None:
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import connection
    from django.test import Client

    from gallery import filters, paging, tiles
    from generations.cursor import Cursor
    from studio import ground
    from tests.factories import make_project, make_user
    from tests.gallery.filling import fill

    ground.lay_folders()
    call_command("migrate", verbosity=0)
    user = make_user()
    project = make_project(owner=user)
    fill(project, OUTPUTS, user)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")

    outputs = filters.stills(project)
    deep_row = outputs.order_by("-created_at", "-id")[999 * paging.SIZE]
    client = Client()
    client.force_login(user)
    base = f"/projects/{project.slug}/"
    partial = {"HX-Request": "true", "HX-Request-Type": "partial"}

    def page() -> None:
        assert client.get(base, headers=partial).status_code == 200

    def deep_page() -> None:
        assert client.get(base, {"before": str(Cursor.of(deep_row))}, headers=partial).status_code == 200

    def plain() -> None:
        shown = paging.older(tiles.for_tiles(outputs), None).outputs
        assert len("".join(_figure(output) for output in shown)) > 10_000

    def rows(start: Cursor | None) -> Callable[[], None]:
        return lambda: _consume(paging.older(tiles.for_tiles(outputs), start))

    names = ("page", "page 1,000", "f-string", "rows", "rows 1,000")
    works = (page, deep_page, plain, rows(None), rows(Cursor.of(deep_row)))
    taken = interleaved(works)
    report(dict(zip(names, taken, strict=True)))


def interleaved(works: tuple[Callable[[], None], ...]) -> list[float]:
    """Median CPU milliseconds of each, round by round, so that a busy machine is busy for all of them."""
    taken: list[list[float]] = [[] for _ in works]
    for turn in range(ROUNDS + 3):
        for index, work in enumerate(works):
            start = process_time()
            work()
            if turn >= 3:
                taken[index].append((process_time() - start) * 1000)
    return [median(times) for times in taken]


def report(ms: dict[str, float]) -> None:
    for name, value in ms.items():
        print(f"{name:<12}{value:8.2f} ms CPU")
    page = ms["page"] / ms["f-string"]
    deep = ms["page 1,000"] / ms["page"]
    print(f"gallery page of 50 tiles / same query as f-string: {page:.2f} x (goal <= {PAGE_GOAL})")
    print(f"page 1,000 / page 1: {deep:.2f} x (goal <= {DEEP_GOAL})")
    print(f"rows of page 1,000 / rows of page 1: {ms['rows 1,000'] / ms['rows']:.2f} x")
    if page > PAGE_GOAL or deep > DEEP_GOAL:
        sys.exit("A goal was missed.")


def _consume(page: object) -> None:
    assert page


def _figure(output: object) -> str:
    """One tile as one f-string, with the same facts as the template's."""
    generation = output.generation  # type: ignore[attr-defined]
    uuid, prompt = output.uuid, escape(generation.prompt)  # type: ignore[attr-defined]
    return (
        f'<figure class="tile" id="tile-{uuid}"><a class="tile-link" href="/outputs/{uuid}/">'
        f'<img src="/outputs/{uuid}/file/512" width="1360" height="768" loading="lazy" alt="{prompt}"></a>'
        f'<input class="tile-check" type="checkbox" name="id" value="{uuid}" aria-label="Select {prompt}">'
        f"<figcaption>{generation.model} · {generation.resolution}</figcaption></figure>"
    )


if __name__ == "__main__":
    main()
