"""The parent's side of the decoding child: no process that holds anything of worth decodes a picture."""

import json
import logging
import os
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any

from media.facts import Box, Facts, Measures, read_measures
from media.recipe import Recipe

# For one picture, on the clock; a conversion compresses 50 megapixels in full.
EXAMINE_SECONDS = 20.0
CONVERT_SECONDS = 60.0
# 50 megapixels of animated-capable WebP are held four times, at four bytes each.
MEMORY = 1_500_000_000

AI_XMP = (
    '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
    '<rdf:Description rdf:about="" xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/" '
    'Iptc4xmpExt:DigitalSourceType="http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia"/>'
    "</rdf:RDF></x:xmpmeta>"
)
_DIED = "This picture could not be read: reading it broke the decoder."
_TOO_SLOW = "This picture could not be read: reading it took too long."

log = logging.getLogger(__name__)


class NotAPicture(ValueError):  # noqa: N818
    """The file is not a picture that we take; the text says why in one sentence for people."""


class Decoder:
    """One warm child, used by one thread at a time and started again whenever it is gone.

    `patience` is a factor on the seconds allowed, `memory` the child's address space in bytes.
    """

    def __init__(self, patience: float = 1.0, memory: int = MEMORY) -> None:
        self._patience = patience
        self._memory = memory
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None

    def warm_up(self) -> None:
        """Start the child if there is none, without waiting until it can read an order."""
        # What keeps it from starting will be said when there is a picture.
        with self._lock, suppress(OSError):
            self._running()

    def examine(self, source: Path, renditions: Mapping[int, Path]) -> Facts:
        """Decode `source` fully and write one WebP per longest edge.

        Raises NotAPicture if that cannot be done, OSError when the disk is to blame.
        """
        paths = {str(edge): str(path) for edge, path in renditions.items()}
        order = {"do": "examine", "source": str(source), "renditions": paths}
        return Facts(**self._ask(order, EXAMINE_SECONDS))

    def convert(self, source: Path, target: Path, media_format: str, xmp: str = AI_XMP) -> None:
        """Write `source` as PNG, JPEG or WEBP to `target`: upright, sRGB, no metadata except `xmp`."""
        order = {"do": "convert", "source": str(source), "target": str(target), "format": media_format}
        self._ask({**order, "xmp": xmp}, CONVERT_SECONDS)

    def measure(self, source: Path, face: Box | None) -> Measures:
        """Measure a photo, with the face box that somebody marked; raises like `examine`."""
        answer = self._ask({"do": "measure", "source": str(source), "face": face}, EXAMINE_SECONDS)
        return read_measures(answer)

    def alter(self, source: Path, target: Path, recipe: Recipe, xmp: str) -> None:
        """Write to `target` what `recipe` makes of `source`; NotAPicture also when it cannot be made."""
        order = {"do": "alter", "source": str(source), "target": str(target), "recipe": asdict(recipe)}
        self._ask({**order, "xmp": xmp}, CONVERT_SECONDS)

    def veil(self, source: Path, target: Path) -> None:
        """Write to `target` what may show of a picture that nobody has looked at yet; raises like `alter`."""
        self._ask({"do": "veil", "source": str(source), "target": str(target)}, EXAMINE_SECONDS)

    def close(self) -> None:
        """End the child, if there is one; the next order starts another."""
        process, self._process = self._process, None
        if process and process.stdin and process.stdout:
            process.kill()
            process.stdin.close()
            process.stdout.close()
            process.wait()

    def let_go(self) -> None:
        """After a fork: the child belongs to the parent, whose death it must still notice."""
        if self._process and self._process.stdin and self._process.stdout:
            self._process.stdin.close()
            self._process.stdout.close()

    def _ask(self, order: Mapping[str, Any], seconds: float) -> dict[str, Any]:
        with self._lock:
            warm = self._process is not None and self._process.poll() is None
            answer = self._exchange(order, seconds * self._patience)
            if answer is None and warm:
                # It may have been recycled or killed for reasons of its own: a fresh one decides.
                answer = self._exchange(order, seconds * self._patience)
        if answer is None:
            raise NotAPicture(_DIED)
        if "failed" in answer:
            raise OSError(answer["failed"], os.strerror(answer["failed"]))
        if "refused" in answer:
            raise NotAPicture(answer["refused"])
        return answer

    def _exchange(self, order: Mapping[str, Any], seconds: float) -> dict[str, Any] | None:
        """The child's answer, or None when it died over the order."""
        process = self._running()
        assert process.stdin
        assert process.stdout
        started, line = time.monotonic(), b""
        late = threading.Timer(seconds, process.kill)
        late.start()
        try:
            process.stdin.write(json.dumps(order).encode() + b"\n")
            line = process.stdout.readline()
        except BrokenPipeError:
            log.info("decoding child was gone before its order")
        finally:
            late.cancel()
            if not line.endswith(b"\n"):
                # Interrupted or not: a late answer must never be taken for that of the next picture.
                self.close()
        if line.endswith(b"\n"):
            answer: dict[str, Any] = json.loads(line)
            return answer
        too_slow = time.monotonic() - started >= seconds
        log.warning("decoding child %s", "was stopped after its time" if too_slow else "died")
        return {"refused": _TOO_SLOW} if too_slow else None

    def _running(self) -> subprocess.Popen[bytes]:
        if self._process is None or self._process.poll() is not None:
            self.close()
            self._process = subprocess.Popen(  # noqa: S603 (nothing in it comes from outside)
                [sys.executable, "-s", "-m", "media.child", str(self._memory)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                bufsize=0,
                cwd=Path(__file__).resolve().parent.parent,
                env={"LC_ALL": "C.UTF-8", "OPENBLAS_NUM_THREADS": "1"},
            )
        return self._process


_decoder = Decoder()


def warm_up() -> None:
    _decoder.warm_up()


def examine(source: Path, renditions: Mapping[int, Path]) -> Facts:
    return _decoder.examine(source, renditions)


def convert(source: Path, target: Path, media_format: str, xmp: str = AI_XMP) -> None:
    _decoder.convert(source, target, media_format, xmp)


def measure(source: Path, face: Box | None) -> Measures:
    return _decoder.measure(source, face)


def alter(source: Path, target: Path, recipe: Recipe, xmp: str) -> None:
    _decoder.alter(source, target, recipe, xmp)


def veil(source: Path, target: Path) -> None:
    _decoder.veil(source, target)


def _start_anew() -> None:
    global _decoder
    _decoder.let_go()
    _decoder = Decoder()


os.register_at_fork(after_in_child=_start_anew)
