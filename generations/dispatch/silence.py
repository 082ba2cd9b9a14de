"""Accounts that answer no question just now: asked again after longer and longer, by a few jobs at a time.

Else an outage with a thousand jobs in flight would be hundreds of questions a second.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from random import sample

from generations import horizons
from generations.models import Attempt

TOLD_AFTER = 3  # rounds: what lasts shorter is nothing that people need know
PROBES = 5  # jobs, picked anew each time, since one of them alone may be what is not answered


@dataclass(slots=True)
class _Silent:
    rounds: int
    until: float  # on the monotonic clock


class Silence:
    """What questions of this process came to, by account."""

    def __init__(self) -> None:
        self._silent: dict[int, _Silent] = {}

    def to_ask(self, credential_id: int, found: Sequence[Attempt]) -> list[Attempt]:
        """Those of the jobs found due that are worth a question now: nearly always all of them.

        What a webhook tells of is asked about all the same.
        """
        silent = self._silent.get(credential_id)
        if silent is None:
            return list(found)
        if time.monotonic() < silent.until:
            return [attempt for attempt in found if attempt.hooked_at is not None]
        self._silent[credential_id] = _after(silent.rounds + 1)
        return sample(found, min(PROBES, len(found)))

    def heard(self, credential_id: int, *, is_answered: bool) -> bool:
        """What became of some questions; answers whether that ended a silence."""
        if is_answered:
            return self._silent.pop(credential_id, None) is not None
        self._silent.setdefault(credential_id, _after(1))
        return False

    def is_lasting(self, credential_id: int) -> bool:
        """Whether people should be told."""
        silent = self._silent.get(credential_id)
        return silent is not None and silent.rounds >= TOLD_AFTER

    def wait(self, credential_id: int) -> timedelta:
        """How long nobody need be asked about."""
        silent = self._silent.get(credential_id)
        return timedelta(seconds=max(0.0, silent.until - time.monotonic())) if silent else timedelta()


def _after(rounds: int) -> _Silent:
    wait = min(horizons.back_off(horizons.BACK_OFF, rounds), horizons.POLL_SLOWLY)
    return _Silent(rounds, time.monotonic() + wait.total_seconds())
