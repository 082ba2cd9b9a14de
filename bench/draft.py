"""Seconds, processor seconds and peak memory of draft pictures, each in a fresh process on one core."""

import os
import resource
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SIZES = {"1K": (1360, 768), "2K": (2720, 1536), "4K": (5440, 3072)}
PROMPTS = {
    "city": "Low angle, 24mm, a detective in a trench coat walks down a city street at night in rain, neon",
    "room": "Medium shot, 50 mm, f/1.4, a scientist holding a flask in a laboratory, window key light, dust",
    "dunes": "Wide establishing shot, 35mm, desert dunes at golden hour, a lone figure",
    "snow": "Overhead bird's-eye view, 35mm, two people walk through fresh snow, low sun, blue shadows",
    "letter": "Close-up of hands holding a letter, 85 mm, f/2, window light from the left, a room",
}


def measure(prompt: str, width: int, height: int) -> None:
    sys.path.insert(0, str(ROOT))
    from providers.base import Order
    from providers.draft import draw

    draw(Order(prompt, "", 96, 64, "png", 1, False, 1), 0)
    started, busy = time.perf_counter(), time.process_time()
    data = draw(Order(prompt, "", width, height, "png", 1, False, 1), 0)
    seconds, cpu = time.perf_counter() - started, time.process_time() - busy
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{seconds:6.2f} s  {cpu:6.2f} s cpu  {peak:5.0f} MB peak  {len(data) / 1e6:5.1f} MB file")


def main() -> None:
    if len(sys.argv) == 4:
        measure(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
        return
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    for size, (width, height) in SIZES.items():
        for name, prompt in PROMPTS.items():
            print(f"{size} {name:7}", end=" ", flush=True)
            subprocess.run(
                [sys.executable, __file__, prompt, str(width), str(height)], env=environment, check=True
            )


if __name__ == "__main__":
    main()
