"""The bill: what was accepted, once, at the price of the documents, whatever the order of things."""

from decimal import Decimal

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.examples import examples
from tests.sandbox.conftest import FAL, Sandbox, inference, until

PRICES = {"1K": Decimal("0.028"), "2K": Decimal("0.028"), "4K": Decimal("0.056")}
SIZES = {"1K": (1360, 768), "2K": (2720, 1536), "4K": (5440, 3072)}
ORDER = st.tuples(
    st.sampled_from(["fal", "runware", "kling"]),
    st.sampled_from([*PRICES]),
    st.integers(1, 9),
    st.booleans(),  # whether its job fails
)


def place(box: Sandbox, vendor: str, resolution: str, count: int, *, fails: bool) -> None:
    if fails:
        box.fault(do="job-fails", operation="submit")
    if vendor == "fal":
        answer = box.fal_submit(resolution=resolution, num_images=count)
    elif vendor == "kling":
        answer = box.kling_create(resolution=resolution.lower(), n=count)
    else:
        width, height = SIZES[resolution]
        answer = box.runware(inference(width=width, height=height, numberResults=count))
    assert answer.status_code == 200


@settings(
    max_examples=examples(15),
    deadline=None,
    database=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(st.lists(ORDER, max_size=6))
def test_the_total_is_the_price_of_every_picture_that_was_made(box: Sandbox, wanted):
    box.control("reset", {})
    box.control("accounts", {"protocol": "kling", "name": "sandbox-kling", "slots": 99})
    for vendor, resolution, count, fails in wanted:
        place(box, vendor, resolution, count, fails=fails)
    lines = until(lambda: [box.bill()] if all(line["charged"] is not None for line in box.bill()) else None)[
        0
    ]
    due = sum((PRICES[resolution] * count for _, resolution, count, fails in wanted if not fails), Decimal(0))
    assert len(lines) == len(wanted)
    assert Decimal(box.control("bill")["total"]) / 1_000_000 == due
    quoted = sum((PRICES[resolution] * count for _, resolution, count, _ in wanted), Decimal(0))
    assert Decimal(sum(line["quoted"] for line in lines)) / 1_000_000 == quoted


def test_every_account_has_a_bill_and_a_balance_of_its_own(box: Sandbox):
    box.fal_submit()
    other = {"Authorization": "Key sandbox-other:secret"}
    box.fal("POST", "queue/fal-ai/kling-image/o3/text-to-image", json={"prompt": "x"}, headers=other)
    until(lambda: all(line["charged"] for line in box.bill()))
    assert FAL.startswith("sandbox-fal:")
    mine = box.control("bill?protocol=fal&account=sandbox-fal")
    assert (len(mine["lines"]), mine["total"]) == (1, 28_000)
    account = box.control("accounts", {"protocol": "fal", "name": "sandbox-other"})
    assert account["balance"] == 1_000_000_000 - 28_000


def test_an_account_that_runs_dry_is_refused_before_anything_exists(box: Sandbox):
    box.control("accounts", {"protocol": "fal", "name": "sandbox-fal", "balance": 1})
    box.fal_ended(box.fal_submit().json())
    assert box.fal_submit().status_code == 403
    assert len(box.bill()) == 1
