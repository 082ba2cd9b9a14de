"""What Celery workers do, and how they are told: each task takes a number and calls one function."""

import logging
from functools import partial

from celery import Task, shared_task
from django.db import transaction
from kombu.exceptions import OperationalError

from generations import arrivals, drawing, heartbeats

log = logging.getLogger(__name__)


@shared_task
def draw(output_id: int) -> None:
    heartbeats.beat(
        "worker"
    )  # a long queue keeps the bell for heartbeats waiting, not the worker from living
    drawing.draw_output(output_id)


@shared_task
def take_in(output_id: int) -> None:
    heartbeats.beat("worker")
    arrivals.take_in(output_id)


@shared_task
def beat() -> None:
    heartbeats.beat("worker")


def ring_draw(output_id: int) -> None:
    """Ask a worker to draw, once the row is committed; a lost ring waits for the dispatcher's next round."""
    transaction.on_commit(partial(_ring, draw, output_id), robust=True)


def ring_take_in(output_id: int) -> None:
    """Ask a worker to decode what arrived, likewise."""
    transaction.on_commit(partial(_ring, take_in, output_id), robust=True)


def ring_beat() -> None:
    """Ask the workers for a sign of life."""
    try:
        beat.apply_async(expires=30)
    except (OperationalError, OSError) as error:
        log.warning("The broker did not take a message: %s", error)


def _ring(task: Task[[int], None], output_id: int) -> None:
    try:
        task.delay(output_id)
    except (OperationalError, OSError) as error:
        log.warning("The broker did not take a message: %s. The dispatcher will ring again.", error)
