"""Which tests stay with one worker of pytest-xdist: those that share a studio, which takes long to start."""

import pytest
from xdist.scheduler import LoadScopeScheduling

# Marks would say the same where the tests stand, but pytest-xdist 3.8 does not see its own under pytest 9.2.
TOGETHER = (
    "tests/browser/",
    "tests/backup/test_drill.py",
    "tests/dispatch/test_faults_flood.py",
    "tests/faults/test_gone_broker.py",
    "tests/faults/test_gone_database.py",
    "tests/faults/test_paused.py",
    "tests/faults/test_points.py",
    "tests/test_canaries.py",
    "tests/test_up.py",
)


class Sharing(LoadScopeScheduling):  # type: ignore[misc] # comes without types
    """Hands out tests in their order, and those that share a studio together."""

    def __init__(self, config: pytest.Config, log: object) -> None:
        super().__init__(config, log)
        # By size, as pytest-xdist would have it, browsers came first, and no event loop runs beside theirs.
        config.option.loadscopereorder = False

    def _split_scope(self, nodeid: str) -> str:
        return next((path for path in TOGETHER if nodeid.startswith(path)), nodeid)
