"""How many threads a call may use."""

import os
import warnings
from pathlib import Path

from gridsample import _core


def set_num_threads(count: int) -> None:
    """Set how many threads a call may use, the calling one included.

    Results do not depend on it, not even in their last bit.

    Parameters
    ----------
    count : int
        At least 1. It holds for the whole process; calls made at the same time share this many threads.

    Raises
    ------
    TypeError, ValueError
        For anything but a whole number of at least 1.

    Examples
    --------
    >>> import gridsample as gs
    >>> before = gs.get_num_threads()
    >>> gs.set_num_threads(1)
    >>> gs.get_num_threads()
    1
    >>> gs.set_num_threads(before)
    """
    if isinstance(count, bool) or not hasattr(count, "__index__"):
        raise TypeError(f"count must be a whole number of threads; got {count!r} of type {type(count).__name__}")
    if not 1 <= count.__index__() <= _MOST:
        raise ValueError(f"count must be from 1 to {_MOST}; got {count}")
    _core.set_threads(count.__index__())


def get_num_threads() -> int:
    """Return how many threads a call may use.

    The default is the environment variable ``GRIDSAMPLE_NUM_THREADS`` or, without it, the number of cores that this
    process may use, by its affinity and the limits of its container.

    Returns
    -------
    int
        At least 1.

    Examples
    --------
    >>> import gridsample as gs
    >>> gs.get_num_threads() >= 1
    True
    """
    return _core.get_threads()


_MOST = 1024
_VARIABLE = "GRIDSAMPLE_NUM_THREADS"


def available_cores() -> int:
    """Return the number of cores this process may use."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(1, min(cores, _container_limit() or cores))


def _container_limit(root: str = "/sys/fs/cgroup") -> int | None:
    """Return the cores that a container's quota of processor time amounts to, rounded up, if it has one."""
    try:
        quota, period = Path(root, "cpu.max").read_text().split()  # control groups, version 2
    except (OSError, ValueError):
        try:  # version 1
            quota = Path(root, "cpu", "cpu.cfs_quota_us").read_text()
            period = Path(root, "cpu", "cpu.cfs_period_us").read_text()
        except OSError:
            return None
    try:
        return -(-int(quota) // int(period)) if int(quota) > 0 else None
    except (ValueError, ZeroDivisionError):  # "max": no limit
        return None


def _initial() -> int:
    wish = os.environ.get(_VARIABLE, "").strip()
    if not wish:
        return min(available_cores(), _MOST)
    if not wish.isdecimal() or not 1 <= int(wish) <= _MOST:
        warnings.warn(
            f"{_VARIABLE} must be a whole number from 1 to {_MOST}; got {wish!r}, which is ignored",
            RuntimeWarning,
            stacklevel=2,
        )
        return min(available_cores(), _MOST)
    return int(wish)


_core.set_threads(_initial())
