"""`manage.py sandbox`: fal, Runware and Kling on loopback, with a bill but without money."""

import asyncio
import signal
from argparse import ArgumentParser
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from providers.base import Order
from providers.draft.engine import draw
from sandbox.options import Options, Wish
from sandbox.server import serve

DEFAULTS = Options()


class Command(BaseCommand):
    requires_system_checks = []  # those load all pages, which nobody asks for here
    help = "Serves the protocols of fal, Runware and Kling on loopback. No money is spent there."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--port", type=int, default=8100)
        parser.add_argument(
            "--pool", type=Path, metavar="DIR", help="answer with the pictures of this folder"
        )
        parser.add_argument("--draw", action="store_true", help="have the draft engine draw every picture")
        parser.add_argument("--queue-ms", type=int, default=int(DEFAULTS.queue_seconds * 1000))
        parser.add_argument("--run-ms", type=int, default=int(DEFAULTS.run_seconds * 1000))
        parser.add_argument(
            "--run-spread", type=float, default=DEFAULTS.run_spread, help="0.2: a fifth more or less"
        )
        parser.add_argument("--fal-slots", type=int, default=DEFAULTS.fal_slots, help="running at once")
        parser.add_argument(
            "--kling-slots", type=int, default=DEFAULTS.kling_slots, help="pictures in flight"
        )
        parser.add_argument("--link-seconds", type=float, default=DEFAULTS.link_seconds)
        parser.add_argument("--runware-memory", type=float, help="seconds a taskUUID is known; for ever")
        parser.add_argument("--seed", type=int, default=DEFAULTS.seed)

    def handle(self, *args: object, **options: object) -> None:
        try:
            asyncio.run(_serve(self, _options(options)))
        except OSError as error:
            raise CommandError(f"The sandbox could not start: {error.strerror or error}") from None


def _options(given: dict[str, object]) -> Options:
    pool = given["pool"]
    if isinstance(pool, Path) and not pool.is_dir():
        raise CommandError(f"There is no folder {pool}.")
    memory = given["runware_memory"]
    return Options(
        port=int(str(given["port"])),
        queue_seconds=int(str(given["queue_ms"])) / 1000,
        run_seconds=int(str(given["run_ms"])) / 1000,
        run_spread=float(str(given["run_spread"])),
        fal_slots=int(str(given["fal_slots"])),
        kling_slots=int(str(given["kling_slots"])),
        link_seconds=float(str(given["link_seconds"])),
        runware_memory_seconds=memory if isinstance(memory, float) else None,
        seed=int(str(given["seed"])),
        pool=pool if isinstance(pool, Path) else None,
        draw=_draw if given["draw"] else None,
    )


async def _serve(command: Command, options: Options) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)

    def ready(base: str) -> None:
        command.stdout.write(f"Sandbox on {base}/_/ (keys have the word sandbox in them).")
        command.stdout.flush()

    await serve(options, ready, stop)


def _draw(wish: Wish) -> bytes:
    order = Order(
        prompt=wish.prompt,
        negative_prompt="",
        width=wish.width,
        height=wish.height,
        media_format=wish.media_format,
        count=wish.place + 1,
        series=False,
        seed=wish.seed,
    )
    return draw(order, wish.place)
