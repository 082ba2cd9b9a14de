"""A sending that is only presumed after a restore is looked for; there is nothing of it to send again."""

import pytest

from generations import restored
from generations.models import State
from projects.models import Project
from tests.paid import ENDPOINTS, dispatch_all, make_key, order, sandbox

pytestmark = pytest.mark.slow


def test_a_presumed_sending_is_not_posted_again_where_twins_are_refused(project: Project) -> None:
    """Runware refuses a second order of one number for a while, but what was in it is not known."""
    make_key("runware")
    with sandbox() as room:
        generation = order(project, ENDPOINTS["runware"])
        (line,) = restored.settle_open().lines
        assert line.state == State.UNKNOWN
        dispatch_all()
        assert room.submits() == []
    generation.refresh_from_db()
    assert generation.attempts.get().posts == 1
    assert generation.state == State.NEEDS_DECISION
