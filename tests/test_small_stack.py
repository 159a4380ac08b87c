"""Threads of small stacks: some systems give one 128 KiB, and Python takes no less than 32."""

import subprocess
import sys
from pathlib import Path

import pytest


@pytest.mark.parametrize("kilobytes", [32, 128])
def test_every_operation_in_a_thread_of_a_small_stack(kilobytes):
    """In a process of its own, which would die of it."""
    program = Path(__file__).with_name("small_stack.py")
    command = [sys.executable, program, str(kilobytes * 1024)]
    finished = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    assert (finished.returncode, finished.stdout.strip()) == (0, "True"), finished.stderr
