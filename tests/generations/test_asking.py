"""When a job is asked about: at its time, not again at once, and at once when a webhook names it."""

from datetime import timedelta

import pytest
from django.utils import timezone

from generations import horizons, results
from generations.dispatch.pace import LONGEST, Pace
from generations.models import Attempt
from generations.results import Told, Unheard
from providers.base import Progress, Stage
from tests.generations import sent

RUNS = Progress(Stage.RUNNING)
SOON = timedelta(milliseconds=5)


@pytest.fixture
def asked(project) -> Attempt:
    """A job as it was read to be asked about."""
    sent.submitted(project)
    Attempt.objects.update(due_at=timezone.now())
    [found] = results.due(timezone.now(), 10)
    return found


def test_a_job_that_still_runs_is_left_alone_for_a_while(asked):
    results.apply_all([Told([(asked, RUNS)])])
    assert results.due(timezone.now() + SOON, 10) == []
    assert results.due(timezone.now() + horizons.POLLS[0] + SOON, 10) == [asked]


def test_a_job_whose_provider_did_not_answer_is_left_alone_likewise(asked):
    results.apply_all([Told([], Unheard([asked]))])
    assert results.due(timezone.now() + SOON, 10) == []


@pytest.mark.parametrize("progress", [RUNS, Progress(Stage.WAITING), None])
def test_a_webhook_that_comes_while_it_is_asked_about_has_it_asked_about_again(asked, progress):
    Attempt.objects.update(due_at=timezone.now())
    results.apply_all([Told([(asked, progress)] if progress else [], Unheard([] if progress else [asked]))])
    assert results.due(timezone.now() + SOON, 10) == [asked]


def test_a_job_that_is_being_asked_about_is_not_taken_up_a_second_time(asked):
    assert results.due(timezone.now(), 10, {asked.pk}) == []


def test_the_first_question_comes_shortly_before_the_quickest_of_late_have_ended():
    pace = Pace()
    assert pace.first_look("a", is_told=False) == horizons.POLLS[0]
    for seconds in (30, 20, 25):
        pace.note("a", timedelta(seconds=seconds))
    assert pace.first_look("a", is_told=False) == timedelta(seconds=16)
    assert pace.first_look("b", is_told=False) == horizons.POLLS[0]


def test_where_webhooks_come_through_nobody_asks_before_the_slowest_of_late_should_have_ended():
    pace = Pace()
    assert pace.first_look("a", is_told=True) == horizons.POLLS[0]
    for seconds in (30, 20, 25):
        pace.note("a", timedelta(seconds=seconds))
    assert pace.first_look("a", is_told=True) == timedelta(seconds=36)


def test_however_long_jobs_take_they_are_asked_about_within_a_minute():
    pace = Pace()
    pace.note("a", timedelta(hours=1))
    assert pace.first_look("a", is_told=False) == LONGEST


def test_only_the_latest_jobs_count():
    pace = Pace()
    pace.note("a", timedelta(seconds=3))
    for _ in range(50):
        pace.note("a", timedelta(seconds=20))
    assert pace.first_look("a", is_told=False) == timedelta(seconds=16)
