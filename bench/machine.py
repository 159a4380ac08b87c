"""What a benchmark ran on."""

import os
import platform
import subprocess
import time
from pathlib import Path

from bench.peers import LIBRARIES

ROOT = Path(__file__).parent.parent


def cores() -> int:
    """Return how many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def processor() -> str:
    """Return the processor's name."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        lines = []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or platform.machine()


def memory() -> str:
    """Return the machine's memory."""
    try:
        total = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, ValueError, OSError):
        return "unknown"
    return f"{total / 2**30:.0f} GiB"


def busy(seconds: float = 0.5) -> float | None:
    """Return the share of the processors' time that others use while we sleep; None where the system does not tell."""

    def used_and_all() -> tuple[int, int]:
        times = [int(number) for number in Path("/proc/stat").read_text(encoding="ascii").splitlines()[0].split()[1:9]]
        return sum(times) - times[3] - times[4], sum(times)  # but idle, and waiting for a disk

    try:
        used, total = used_and_all()
        time.sleep(seconds)
        used_later, total_later = used_and_all()
    except OSError:
        return None
    return (used_later - used) / max(1, total_later - total)


def facts() -> dict[str, str]:
    """Return what is to be known of machine and system."""
    return {
        "processor": f"{processor()}, {cores()} core{'s' if cores() > 1 else ''}",
        "memory": memory(),
        "system": f"{platform.system()} {platform.release()}, {platform.machine()}",
        "Python": platform.python_version(),
    }


def versions() -> dict[str, str]:
    """Return the versions of all libraries that are installed."""
    return {name: peer.version() for name, peer in LIBRARIES.items() if peer.installed()}


def missing() -> list[str]:
    """Return the names of those that are not."""
    return [name for name, peer in LIBRARIES.items() if not peer.installed()]


def commit() -> str:
    """Return which sources these are."""

    def git(*arguments: str) -> str:
        command = ["git", "-C", str(ROOT), *arguments]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()

    try:
        changed = " with local changes" if git("status", "--porcelain", "--untracked-files=no") else ""
        return git("describe", "--always", "--tags") + changed
    except (OSError, subprocess.CalledProcessError):
        return "unknown"
