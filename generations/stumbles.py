"""How a fault is named in the log: by kind and place, never by its text, which may quote a prompt."""

import traceback
from pathlib import Path


def where(error: BaseException) -> str:
    frame = traceback.extract_tb(error.__traceback__)[-1]
    return f"{type(error).__name__} in {Path(frame.filename).name}, line {frame.lineno}"
