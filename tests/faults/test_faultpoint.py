"""The places where tests end a process: nothing happens there unless the environment asks for it."""

import os
import signal
import subprocess
import sys

import pytest

from tests.running import ROOT

PASSES = (
    "from providers.faultpoints import faultpoint; [faultpoint('a.point') for _ in range(3)]; print('on')"
)


def passed(**environment: str) -> "subprocess.CompletedProcess[str]":
    """A process that passes one point three times."""
    clean = {name: value for name, value in os.environ.items() if name != "FRAMEHOUSE_FAULT"}
    command = [sys.executable, "-c", PASSES]
    return subprocess.run(
        command, cwd=ROOT, env={**clean, **environment}, capture_output=True, text=True, check=False
    )


def test_without_the_variable_nothing_happens():
    went = passed()
    assert (went.returncode, went.stdout) == (0, "on\n")


@pytest.mark.parametrize("fault", ["", "another.point", "a.point:4", "a"])
def test_another_point_or_a_later_passage_changes_nothing(fault: str):
    assert passed(FRAMEHOUSE_FAULT=fault).stdout == "on\n"


@pytest.mark.parametrize("fault", ["a.point", "a.point:1", "a.point:3"])
def test_the_named_passage_is_the_last(fault: str):
    went = passed(FRAMEHOUSE_FAULT=fault)
    assert (went.returncode, went.stdout) == (-signal.SIGKILL, "")
