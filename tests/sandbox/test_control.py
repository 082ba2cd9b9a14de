"""What tests say to the sandbox: rules, the clock, and to forget."""

from uuid import uuid4

from tests.sandbox.conftest import Sandbox, inference


def test_the_clock_can_be_wrong(box: Sandbox):
    now = box.control("clock", {"offset": -3600})["now"]
    assert box.control("clock", {"offset": 0})["now"] - now > 3599


def test_rules_pick_requests_by_number_attempt_path_and_words(box: Sandbox):
    box.fault(do="answer", status=500, operation="submit", nth=2)
    box.fault(do="answer", status=501, operation="submit", contains="tower")
    box.fault(do="answer", status=502, attempt=3)
    box.fault(do="answer", status=503, path="*/requests/*/status", times=2)
    answers = [box.fal_submit().status_code for _ in range(3)]
    assert answers == [200, 500, 502]
    assert box.fal_submit(prompt="A tower.").status_code == 501
    submitted = box.fal_submit(prompt="A door.").json()
    asked = [box.fal("GET", submitted["status_url"]).status_code for _ in range(2)]
    assert asked == [503, 503]
    assert box.fal_ended(submitted)


def test_random_faults_repeat_with_their_seed(box: Sandbox):
    def run() -> list[int]:
        box.control("reset", {})
        box.fault(do="error", kind="server", chance=0.5, seed=7, times=0)
        return [box.fal_submit().status_code for _ in range(20)]

    first = run()
    assert run() == first
    assert 3 < first.count(500) < 17


def test_rules_that_are_not_understood_are_refused_with_a_sentence(box: Sandbox):
    for rule, sentence in (
        ({"do": "explode"}, "There is no fault 'explode'."),
        ({"do": "slow", "colour": "red"}, "A rule has no colour."),
        (["slow"], "A rule is a JSON object."),
        ({"do": "slow", "seconds": "1"}, "seconds of a rule cannot be '1'."),
    ):
        answer = box.http.post(f"{box.base}/_/faults", json=rule)
        assert (answer.status_code, answer.json()["error"]) == (422, sentence)
    assert box.control("faults")["rules"] == []


def test_everything_can_be_forgotten(box: Sandbox):
    box.fault(do="slow", seconds=0.01, times=0)
    name = str(uuid4())
    box.runware(inference(taskUUID=name))
    box.control("reset", {})
    assert box.bill() == []
    assert box.control("requests")["requests"] == []
    assert box.control("faults")["rules"] == []
    assert box.runware(inference(taskUUID=name)).status_code == 200
