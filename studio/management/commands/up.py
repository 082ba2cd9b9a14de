"""`manage.py up`: the whole studio in one supervised group; with --sandbox one that cannot spend money."""

import os
import signal
import sys
import threading
import time
from argparse import SUPPRESS, ArgumentParser
from datetime import UTC, datetime

import httpx
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import connections

from accounts import first_owner
from studio import ground, rehearsal
from studio.supervisor import Job, Supervisor

READY_WITHIN = 60.0


class Command(BaseCommand):
    requires_system_checks = []  # those load all pages, which nobody asks for here
    help = "Starts web, dispatcher and worker on this machine and keeps them running until Ctrl-C."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--sandbox",
            action="store_true",
            help="a studio with data of its own whose paid routes lead to a sandbox; no money is spent",
        )
        # What --sandbox starts this command with, once the environment is the sandbox's.
        parser.add_argument("--sandbox-port", type=int, help=SUPPRESS)

    def handle(
        self, *args: object, sandbox: bool, sandbox_port: int | None = None, **options: object
    ) -> None:
        if sandbox and sandbox_port is None:
            self._start_over()
        try:
            ground.lay_folders()
            held = ground.lock()
            ground.clear_uploads()
            ground.check_port(settings.HOST, settings.PORT)
            if sandbox_port:
                ground.check_port(rehearsal.HOST, sandbox_port)
            ground.lay_schema()
            if sandbox_port:
                rehearsal.lay_keys()
        except ground.NotNow as error:
            raise CommandError(str(error)) from None
        ground.lay_epoch()
        ground.lay_static_files()
        link = first_owner.owner_link()
        connections.close_all()
        self._run(link, sandbox_port)
        held.close()

    def _start_over(self) -> None:
        """Settings are read once from the environment, so this process becomes one with another."""
        command = [sys.executable, "manage.py", "up", "--sandbox", "--sandbox-port", str(rehearsal.port())]
        os.chdir(settings.BASE)
        os.execve(sys.executable, command, rehearsal.surroundings())  # noqa: S606 - our own command

    def _run(self, link: str | None, sandbox_port: int | None) -> None:
        supervisor = Supervisor(_jobs(sandbox_port), settings.BASE, self._say)
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: supervisor.stop())
        threading.Thread(target=self._announce, args=(link,), daemon=True).start()
        self._say("Starting. Ctrl-C stops everything.")
        if sandbox_port:
            self._say("Sandbox: no money is spent.")
        supervisor.run()
        self._say("Stopped.")

    def _announce(self, link: str | None) -> None:
        """Say where the studio is, once it answers."""
        deadline = time.monotonic() + READY_WITHIN
        # Plain HTTP to ourselves: reading the certificates would cost more than all the questions.
        with httpx.Client(trust_env=False, verify=False, headers={"Host": "localhost"}) as client:  # noqa: S501
            while not _answers(client) and time.monotonic() < deadline:
                time.sleep(0.1)
        self._say(f"Framehouse is ready: {settings.PUBLIC_URL}")
        if link:
            self._say(f"No account exists yet. Create the owner here, once: {link}")

    def _say(self, line: str) -> None:
        self.stdout.write(f"{datetime.now(UTC):%H:%M:%S} {line}")
        self.stdout.flush()


def _answers(client: httpx.Client) -> bool:
    host = "127.0.0.1" if settings.HOST == settings.ANYWHERE else settings.HOST
    address = f"http://[{host}]" if ":" in host else f"http://{host}"
    try:
        return client.get(f"{address}:{settings.PORT}/healthz").is_success
    except httpx.HTTPError:
        return False


def _jobs(sandbox_port: int | None) -> list[Job]:
    bind = f"[{settings.HOST}]" if ":" in settings.HOST else settings.HOST
    web = f"-m gunicorn studio.wsgi --bind {bind}:{settings.PORT} --worker-class gthread --no-control-socket"
    web += f" --threads {settings.WEB_THREADS} --graceful-timeout 5 --timeout 60"
    worker = f"-m celery --app studio --quiet worker --pool prefork --concurrency {settings.WORKERS}"
    worker += " --loglevel WARNING --without-gossip --without-mingle --without-heartbeat"
    commands = {"web": web, "dispatcher": "manage.py dispatch", "worker": worker}
    if sandbox_port:
        commands["sandbox"] = f"manage.py sandbox --draw --port {sandbox_port}"
    return [Job(name, [sys.executable, *command.split()]) for name, command in commands.items()]
