"""`manage.py dispatch`: runs the dispatcher until it is told to stop."""

import asyncio
import signal
import threading

import uvloop
from django.core.management.base import BaseCommand

from delivery.sweep import sweep
from elements.sweep import sweep as sweep_library
from generations import dispatcher
from generations.dispatch import loop
from media import epoch
from studio import ground
from studio.lifeline import keep_memory


class Command(BaseCommand):
    requires_system_checks = []  # those load all pages, which nobody asks for here
    help = "Runs the dispatcher: the only clock of the studio, and its voice towards providers."

    def handle(self, *args: object, **options: object) -> None:
        keep_memory()
        self.stdout.write("Dispatcher is watching.")
        uvloop.run(_run())


async def _run() -> None:
    """The clock in a thread, the conversations here; when one of them ends, so does the other."""
    stop, ended = threading.Event(), asyncio.Event()
    here = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        here.add_signal_handler(number, ended.set)

    def tick() -> None:
        try:
            dispatcher.run(stop, sweeps=(ground.lay_broker, epoch.tend, sweep, sweep_library))
        finally:
            here.call_soon_threadsafe(ended.set)

    clock = threading.Thread(target=tick, name="clock")
    clock.start()
    try:
        await loop.run(ended)
    finally:
        stop.set()
        await asyncio.to_thread(clock.join)
