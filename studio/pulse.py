"""A worker's pulse: messages to itself. One that does not hear them ends, and is started anew.

Kombu lets a worker read so many messages as are not acknowledged yet, and over Redis it counts one whose
acknowledgement was lost with its connection for ever: a worker of one process would never read again.
Loaded by workers alone; these are Celery's only hooks inside them.
"""

import logging
import os
import threading
import time

from celery import Celery
from celery.apps.worker import Worker
from celery.signals import celeryd_after_setup, task_received, worker_ready
from celery.worker import state
from celery.worker.consumer import Consumer
from kombu.exceptions import OperationalError

from generations import horizons

log = logging.getLogger(__name__)
TASK = "generations.tasks.beat"
EVERY = 5.0  # seconds
EXPIRES = 30.0
DEAF_AFTER = horizons.seconds(max(45, 15 / horizons.SCALE)).total_seconds()
_heard = threading.Event()


@celeryd_after_setup.connect(weak=False)
def open_ear(sender: str, instance: Worker, **kwargs: object) -> None:
    """A queue that this worker alone reads, beside the one that all share."""
    instance.app.amqp.queues.select_add(_queue(sender))


@task_received.connect(weak=False)
def hear(**kwargs: object) -> None:
    """Every message that arrives proves that this worker hears."""
    _heard.set()


@worker_ready.connect(weak=False)
def start(sender: Consumer, **kwargs: object) -> None:
    threading.Thread(target=_watch, args=(sender.app, _queue(sender.hostname)), daemon=True).start()


def _queue(worker: str) -> str:
    return f"pulse.{worker}"


def _watch(app: Celery, queue: str) -> None:
    """Send, and end this process when nothing has come back for too long although it could be sent."""
    well = time.monotonic()
    while True:
        is_sent = _send(app, queue)
        if _heard.is_set() or state.active_requests or not is_sent:
            _heard.clear()
            well = time.monotonic()
        elif time.monotonic() - well > DEAF_AFTER:
            log.critical("No message came for long, though they can be sent: ending, to be started anew.")
            os._exit(1)  # to end in peace, it would have to hear
        time.sleep(EVERY)


def _send(app: Celery, queue: str) -> bool:
    """False: the broker is away, and no message can be missed."""
    try:
        app.send_task(TASK, queue=queue, expires=EXPIRES)
    except (OperationalError, OSError) as error:
        log.warning("The broker did not take a message: %s", error)
        return False
    return True
