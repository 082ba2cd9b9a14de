"""What a process asks of the system."""

import ctypes
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
# Page faults of megabytes that are taken and given back, one after the other.
FAULTS = """
import resource
from studio.lifeline import keep_memory
{call}
def faults():
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt
def use():
    for _ in range(50):
        del [bytearray(1024**2) for _ in range(3)][:]
use()
before = faults()
use()
print(faults() - before)
"""


def faults(call: str) -> int:
    child = subprocess.run(
        [sys.executable, "-c", FAULTS.format(call=call)],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    )
    return int(child.stdout)


@pytest.mark.skipif(not hasattr(ctypes.CDLL(None), "mallopt"), reason="another C library than glibc")
def test_kept_memory_is_used_again_without_asking_the_kernel():
    assert faults("keep_memory()") * 10 < faults("")
