"""How many threads a call may use: the core asks with each call that is worth sharing out."""

import functools
import os
import sys
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from gridsample.compiled import DEFINITIONS


def set_num_threads(count: int) -> None:
    """Set how many threads a call may use, the calling one included.

    Results do not depend on it, not even in their last bit.

    Parameters
    ----------
    count : int
        At least 1. It holds for the whole process and for arrays of every library; calls made at the same time share
        this many threads. Forked processes inherit it, but workers of torch's ``DataLoader`` do not: they have one
        thread each, unless they call this themselves.

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
    _state.chosen, _state.inherited, _state.limit = count.__index__(), False, None


def get_num_threads() -> int:
    """Return how many threads a call on NumPy arrays may use.

    The default is the environment variable ``GRIDSAMPLE_NUM_THREADS``, or else ``OMP_NUM_THREADS``, both as they were
    when this package was imported; without them it is the number of cores that the calling thread may use now, by its
    affinity and the limits of its container. ``threadpoolctl`` sees this number, and may limit it.

    Torch tensors follow ``torch.get_num_threads()`` instead of ``OMP_NUM_THREADS`` and the cores. So does every call in
    a worker of torch's ``DataLoader``, which has one thread.

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
    return _count(of_torch=False)


_MOST: int = DEFINITIONS["threads"]
_VARIABLE = "GRIDSAMPLE_NUM_THREADS"


class _State:
    """What this process was told.

    Attributes
    ----------
    chosen : int or None
        By ``set_num_threads``.
    inherited : bool
        Whether that was in a process that this one is a fork of.
    limit : int or None
        By ``threadpoolctl``.
    environment, openmp : int or None
        By ``GRIDSAMPLE_NUM_THREADS`` and ``OMP_NUM_THREADS``.
    """

    def __init__(self) -> None:
        self.chosen: int | None = None
        self.inherited = False
        self.limit: int | None = None
        self.environment = _from_environment()
        self.openmp = _from_openmp()


def count_for(array: Any) -> Callable[[], int]:
    """Return the function that the core asks how many threads a call on arrays of one library may use."""
    return _count_for_arrays if type(array) is np.ndarray else _count_for_tensors


def _count_for_arrays() -> int:
    return _count(of_torch=False)


def _count_for_tensors() -> int:
    return _count(of_torch=True)


def _count(*, of_torch: bool) -> int:
    count = _unlimited(of_torch)
    return count if _state.limit is None else min(count, _state.limit)


def _unlimited(of_torch: bool) -> int:
    worker = _is_in_torchs_worker()
    if _state.chosen is not None and not (worker and _state.inherited):
        return _state.chosen
    if _state.environment is not None and not worker:
        return _state.environment
    if of_torch or worker:
        return min(int(sys.modules["torch"].get_num_threads()), _MOST)
    return _state.openmp or min(available_cores(), _MOST)


def set_limit(count: int) -> None:
    """Let calls use no more threads than this; a number that limits nothing takes the limit back."""
    _state.limit = count if count < _unlimited(of_torch=False) else None


def _is_in_torchs_worker() -> bool:
    """Whether this process is a worker of torch's ``DataLoader``."""
    data = sys.modules.get("torch.utils.data")
    return data is not None and hasattr(data, "get_worker_info") and data.get_worker_info() is not None


def available_cores() -> int:
    """Return the number of cores that the calling thread may use."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(1, min(cores, _container_limit() or cores))


@functools.cache
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


def _from_environment() -> int | None:
    """Return what our own variable says; a wrong one is told and ignored."""
    wish = os.environ.get(_VARIABLE, "").strip()
    if not wish:
        return None
    if not wish.isdecimal() or not 1 <= int(wish) <= _MOST:
        warnings.warn(
            f"{_VARIABLE} must be a whole number from 1 to {_MOST}; got {wish!r}, which is ignored",
            RuntimeWarning,
            stacklevel=2,
        )
        return None
    return int(wish)


def _from_openmp() -> int | None:
    """Return what OpenMP's variable says of its outermost level; a wrong one is OpenMP's to tell."""
    wish = os.environ.get("OMP_NUM_THREADS", "").partition(",")[0].strip()
    return min(int(wish), _MOST) if wish.isdecimal() and int(wish) >= 1 else None


def _after_fork() -> None:
    _state.inherited = _state.chosen is not None
    _container_limit.cache_clear()


_state = _State()
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)
