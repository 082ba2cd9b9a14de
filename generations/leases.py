"""Keeping the lease of an output while somebody works on it."""

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import OperationalError, connection

from generations import horizons, pipeline

log = logging.getLogger(__name__)


@contextmanager
def kept(held: pipeline.Claim) -> Iterator[None]:
    """Renew the lease from a second thread until the block ends."""
    done = threading.Event()
    keeper = threading.Thread(target=_keep, args=(held, done), daemon=True)
    keeper.start()
    try:
        yield
    finally:
        done.set()
        keeper.join()


def _keep(held: pipeline.Claim, done: threading.Event) -> None:
    while not done.wait(horizons.LEASE.total_seconds() / 3):
        try:
            if not pipeline.renew(held):
                break
        except OperationalError as error:
            log.warning("A lease was not renewed and will be tried again: %s", error)
    connection.close()
