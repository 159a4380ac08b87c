"""Code in a process of its own, for what a process does once."""

import os
import subprocess
import sys

COUNTS = ("GRIDSAMPLE_NUM_THREADS", "OMP_NUM_THREADS")


def in_a_new_process(code, *, flags=("-W", "always"), timeout=120, **environment):
    """Return what some code prints to both streams, without the caller's variables for numbers of threads."""
    command = [sys.executable, *flags, "-c", code]
    clean = {name: value for name, value in os.environ.items() if name not in COUNTS}
    result = subprocess.run(
        command, capture_output=True, text=True, env=clean | environment, check=False, timeout=timeout
    )
    assert result.returncode == 0, result.stderr
    return result.stdout.strip(), result.stderr
