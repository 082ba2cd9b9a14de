"""Holds a loaded studio and forks dispatchers from it, because starting each anew would take seconds.

Runs in `manage.py shell`. Reads one JSON object a line and answers one JSON value:
{"do": "order", "routes": […]}, {"do": "cancel", "order": pk}, {"do": "dispatch", "fault": "name:k"},
{"do": "ended", "pid": pid}.
"""

import importlib
import json
import os
import sys
from typing import Any

from django.core.management import call_command
from django.db import connections

from generations import pipeline
from generations.models import Generation
from projects.models import Project
from providers import faultpoints
from studio import ground, lifeline, rehearsal
from studio.management.commands import dispatch
from tests.paid import ENDPOINTS, order

PROJECT = "nursery"


def main() -> None:
    _lay()
    _say("ready")
    for line in sys.stdin:
        _say(_answer(json.loads(line)))


def _say(value: object) -> None:
    sys.stdout.write(json.dumps(value) + "\n")
    sys.stdout.flush()


def _lay() -> None:
    ground.lay_folders()
    ground.lay_schema()
    rehearsal.lay_keys()
    Project.objects.get_or_create(slug=PROJECT, defaults={"name": "Nursery"})


def _answer(asked: dict[str, Any]) -> object:
    match asked["do"]:
        case "order":
            return [_order(route) for route in asked["routes"]]
        case "cancel":
            return pipeline.cancel(Generation.objects.get(pk=asked["order"]), "nursery")
        case "ended":
            return _ended(asked["pid"])
        case _:
            return _dispatch(asked["fault"])


def _order(route: str) -> int:
    """Each with a prompt of its own: fal tells orders apart by what they say."""
    said = f"Lighthouse {Generation.objects.count()} at dusk"
    return order(Project.objects.get(slug=PROJECT), ENDPOINTS[route], prompt=said).pk


def _ended(pid: int) -> int | None:
    """What it ended with, negative for a signal; None while it lives."""
    ended, status = os.waitpid(pid, os.WNOHANG)
    return os.waitstatus_to_exitcode(status) if ended else None


def _let_go_of_the_database() -> None:
    """Two processes that speak over one connection read each other's answers."""
    for one in connections.all():
        one.close()
        if hasattr(one, "close_pool"):
            one.close_pool()


def _dispatch(fault: str) -> int:
    """The pid of a process that does what `manage.py dispatch` does under this fault."""
    _let_go_of_the_database()
    pid = os.fork()
    if pid:
        return pid
    status = 1
    try:
        lifeline.die_with_parent()
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        os.dup2(2, 1)
        os.environ["FRAMEHOUSE_FAULT"] = fault
        importlib.reload(faultpoints)
        call_command(dispatch.Command())
        status = 0
    finally:
        os._exit(status)
