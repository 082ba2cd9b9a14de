"""The server: all protocols, the delivery hosts and the controls on one port of loopback."""

import asyncio
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from aiohttp import web

from sandbox import control, delivery
from sandbox.fal import FAL
from sandbox.kling import KLING
from sandbox.options import Options
from sandbox.runware import RUNWARE
from sandbox.wire import wire
from sandbox.world import WORLD, World

BODY_MAX = 200_000_000
STOP_WITHIN = 0.2


async def serve(options: Options, ready: Callable[[str], None], stop: asyncio.Event) -> None:
    """Serve until `stop` is set; `ready` is told the base address."""
    world = World(options, [FAL, RUNWARE, KLING])
    app = web.Application(middlewares=[wire], client_max_size=BODY_MAX)
    app[WORLD] = world
    app.add_routes([*control.routes(), *delivery.routes()])
    for protocol in world.protocols.values():
        app.add_routes(protocol.routes)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=STOP_WITHIN)
    await runner.setup()
    try:
        await _listen(runner, world, options)
        await world.hooks.open()
        ready(world.base)
        await stop.wait()
    finally:
        world.works.stop()
        await world.hooks.close()
        await runner.cleanup()
        world.pictures.close()


async def _listen(runner: web.AppRunner, world: World, options: Options) -> None:
    site = web.TCPSite(runner, options.host, options.port, backlog=1024)
    await site.start()
    port = runner.addresses[0][1]
    world.base = f"http://{options.host}:{port}"


@contextmanager
def running(options: Options) -> Iterator[str]:
    """A sandbox in a thread of this process; yields its base address."""
    loop = asyncio.new_event_loop()
    stop, up = asyncio.Event(), threading.Event()
    address: list[str] = []

    def ready(base: str) -> None:
        address.append(base)
        up.set()

    def run() -> None:
        asyncio.set_event_loop(loop)
        try:
            loop.run_until_complete(serve(options, ready, stop))
        finally:
            up.set()
            loop.close()

    thread = threading.Thread(target=run, name="sandbox", daemon=True)
    thread.start()
    up.wait()
    if not address:
        raise OSError("The sandbox could not start.")
    try:
        yield address[0]
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join()
