"""`manage.py dispatch`: runs the dispatcher until it is told to stop."""

import signal
import threading

from django.core.management.base import BaseCommand

from delivery.sweep import sweep
from elements.sweep import sweep as sweep_library
from generations import dispatcher


class Command(BaseCommand):
    help = "Runs the dispatcher: the only clock of the studio."

    def handle(self, *args: object, **options: object) -> None:
        stop = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stop.set())
        self.stdout.write("Dispatcher is watching.")
        dispatcher.run(stop, sweeps=(sweep, sweep_library))
