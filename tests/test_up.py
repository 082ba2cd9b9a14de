"""`manage.py up`: one studio on one directory and one port, with its secrets kept."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.running import Studio, running

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def studio(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Studio]:
    with running(tmp_path_factory.mktemp("up") / "data") as studio:
        yield studio


def test_probes_answer_without_signing_in(studio: Studio):
    assert (studio.probe("/healthz"), studio.probe("/readyz")) == (200, 200)


def test_an_address_nobody_knows_asks_for_signing_in(studio: Studio):
    assert studio.probe("/projects/") == 302


def test_every_line_of_the_log_names_its_process(studio: Studio):
    lines = [line for line in studio.log.read_text().splitlines() if line.strip()]
    assert any(" web        | " in line for line in lines)
    assert any(" dispatcher | " in line for line in lines)


def test_a_second_studio_on_the_same_data_is_refused_in_one_line(studio: Studio):
    second = studio.manage("up")
    assert second.returncode == 1
    assert "already runs on" in second.stderr
    assert len(second.stderr.strip().splitlines()) == 1


def test_a_port_in_use_is_said_in_one_line(studio: Studio, tmp_path: Path):
    other = Studio(tmp_path / "other")
    other.env["PORT"] = str(studio.port)
    refused = other.manage("up")
    assert refused.returncode == 1
    assert f"Port {studio.port} on 127.0.0.1 is not free" in refused.stderr
    assert len(refused.stderr.strip().splitlines()) == 1


def test_secrets_are_readable_by_their_owner_only(studio: Studio):
    for path in (studio.data / "secrets").iterdir():
        assert path.stat().st_mode & 0o077 == 0
