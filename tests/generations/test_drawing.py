"""What a worker does with one output."""

import re

import pytest

from generations import drawing
from generations.models import OutputState
from tests.factories import make_generation

pytestmark = pytest.mark.django_db


def test_the_history_says_how_long_the_drawing_took(project, ana):
    generation = make_generation(project, ana)
    drawing.draw_output(generation.outputs.get().pk)
    stored = generation.events.get(to_state=OutputState.STORED)
    assert re.fullmatch(r"Drawn in \d+\.\d\d s\.", stored.note)
