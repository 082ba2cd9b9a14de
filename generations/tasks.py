"""What Celery workers do: each task takes a number and calls one function."""

from celery import shared_task

from generations import arrivals, drawing, heartbeats


@shared_task
def draw(output_id: int) -> None:
    # A long queue keeps the bell for heartbeats waiting, not the worker from living.
    heartbeats.beat("worker")
    drawing.draw_output(output_id)


@shared_task
def take_in(output_id: int) -> None:
    heartbeats.beat("worker")
    arrivals.take_in(output_id)


@shared_task
def beat() -> None:
    heartbeats.beat("worker")
