"""Photos that arrive: what is a picture is stored, what is not is named with one sentence on why."""

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from typing import IO

from elements.references import UNSTORED, Refused
from media import intake
from media.models import Blob

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Arrived:
    """`pictures` are stored, each with the name it came with; `disk_failed` says a refusal was our fault."""

    pictures: tuple[tuple[Blob, str], ...]
    refused: tuple[Refused, ...]
    disk_failed: bool = False


def take_in(files: Iterable[tuple[str, IO[bytes]]]) -> Arrived:
    pictures: list[tuple[Blob, str]] = []
    refused: list[Refused] = []
    disk_failed = False
    for given_name, file in files:
        name = intake.clean_name(given_name)
        try:
            pictures.append((intake.store(file), name))
        except intake.NotAPicture as error:
            refused.append(Refused(name, str(error)))
        except OSError as error:
            log.error("A photo could not be stored: %s", error.strerror or type(error).__name__)
            refused.append(Refused(name, UNSTORED))
            disk_failed = True
    return Arrived(tuple(pictures), tuple(refused), disk_failed)
