"""How many threads a call may use: by the environment, the affinity, forks, and what others limit."""

import os
import shutil

import numpy as np
import pytest

import gridsample as gs
from gridsample import _core, threads
from processes import in_a_new_process

COUNT = "import gridsample; print(gridsample.get_num_threads())"
LARGE = np.ones((1, 3, 301, 307), "float32"), np.zeros((1, 311, 313, 2), "float32")

affinities = pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="this system has no affinity")
several = pytest.mark.skipif(threads.available_cores() < 2, reason="this machine has one core")


@pytest.fixture(autouse=True)
def state(monkeypatch):
    """As a process begins without any variable; so that torch, if it is there, has no say."""
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    monkeypatch.delenv("GRIDSAMPLE_NUM_THREADS", raising=False)
    state = threads._State()
    monkeypatch.setattr(threads, "_state", state)
    return state


def told():
    """Return how many threads the core was told that a large call may use."""
    gs.grid_sample(*LARGE)
    return _core.watched_threads()[0]


# ---------------------------------------------------------------------------------------------------------- environment


def test_the_default_is_the_cores_of_this_process():
    count, _ = in_a_new_process(COUNT)
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    assert 1 <= int(count) <= cores  # fewer where a container has a quota


@pytest.mark.parametrize("count", ["1", "5", " 3 "])
@pytest.mark.parametrize("variable", ["GRIDSAMPLE_NUM_THREADS", "OMP_NUM_THREADS"])
def test_the_environment_sets_the_count(variable, count):
    assert in_a_new_process(COUNT, **{variable: count})[0] == count.strip()


def test_ours_comes_before_openmps():
    assert in_a_new_process(COUNT, GRIDSAMPLE_NUM_THREADS="3", OMP_NUM_THREADS="5")[0] == "3"


@pytest.mark.parametrize(("value", "count"), [("3,2", 3), ("7, 1", 7), ("5000", 1024)])
def test_openmps_outermost_level_counts(monkeypatch, value, count):
    monkeypatch.setenv("OMP_NUM_THREADS", value)
    assert threads._State().openmp == count


@pytest.mark.parametrize("value", ["", "0", "-1", "many", "1.5", ",2"])
def test_a_wrong_number_of_openmps_is_not_ours_to_tell(monkeypatch, value):
    monkeypatch.setenv("OMP_NUM_THREADS", value)
    assert threads._State().openmp is None  # without a warning


@pytest.mark.parametrize("bad", ["0", "-2", "two", "1.5", "99999999999999999999"])
def test_a_wrong_environment_is_told_and_ignored(bad):
    count, warning = in_a_new_process(COUNT, GRIDSAMPLE_NUM_THREADS=bad)
    assert count == in_a_new_process(COUNT)[0]
    assert "GRIDSAMPLE_NUM_THREADS" in warning
    assert repr(bad) in warning


def test_a_count_that_is_set_comes_before_the_environment(monkeypatch):
    monkeypatch.setenv("GRIDSAMPLE_NUM_THREADS", "5")
    monkeypatch.setattr(threads, "_state", threads._State())
    assert told() == 5
    gs.set_num_threads(3)
    assert (gs.get_num_threads(), told()) == (3, 3)


@pytest.mark.skipif(not os.path.isdir("/proc/self/task"), reason="only Linux tells which threads there are")
@pytest.mark.parametrize("count", [1, 4])
def test_so_many_threads_there_are(count):
    code = """
import os, numpy, gridsample
before = len(os.listdir("/proc/self/task"))
gridsample.grid_sample(numpy.ones((1, 3, 301, 307)), numpy.zeros((1, 911, 913, 2)))
print(len(os.listdir("/proc/self/task")) - before)
"""
    assert in_a_new_process(code, OMP_NUM_THREADS=str(count))[0] == str(count - 1)


# ------------------------------------------------------------------------------------------------------ cores and forks


@affinities
def test_the_default_follows_the_affinity():
    one = min(os.sched_getaffinity(0))
    assert in_a_new_process(f"import os; os.sched_setaffinity(0, [{one}])\n" + COUNT)[0] == "1"


@affinities
@several
def test_an_affinity_that_changes_is_noticed_by_the_next_call():
    before = os.sched_getaffinity(0)
    assert told() == threads.available_cores() > 1
    try:
        os.sched_setaffinity(0, [min(before)])
        assert (gs.get_num_threads(), told()) == (1, 1)
    finally:
        os.sched_setaffinity(0, before)
    assert told() == threads.available_cores()


@affinities
@several
def test_a_fork_asks_again():
    """Its affinity may be another, and so may be the limit of its container."""
    code = """
import os, gridsample
from gridsample import threads
threads._container_limit()
child = os.fork()
if child == 0:
    remembered = threads._container_limit.cache_info().currsize
    os.sched_setaffinity(0, [min(os.sched_getaffinity(0))])
    os._exit(10 * remembered + gridsample.get_num_threads())
print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), gridsample.get_num_threads() > 1)
"""
    assert in_a_new_process(code)[0] == "1 True"


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
def test_a_fork_inherits_a_count_that_was_set():
    code = """
import os, gridsample
gridsample.set_num_threads(7)
child = os.fork()
if child == 0:
    os._exit(gridsample.get_num_threads())
print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""
    assert in_a_new_process(code)[0] == "7"


@pytest.mark.parametrize(
    ("files", "limit"),
    [
        ({"cpu.max": "150000 100000\n"}, 2),
        ({"cpu.max": "max 100000\n"}, None),
        ({"cpu/cpu.cfs_quota_us": "300000\n", "cpu/cpu.cfs_period_us": "100000\n"}, 3),
        ({"cpu/cpu.cfs_quota_us": "-1\n", "cpu/cpu.cfs_period_us": "100000\n"}, None),
        ({"cpu/cpu.cfs_quota_us": "5\n", "cpu/cpu.cfs_period_us": "0\n"}, None),
        ({}, None),
    ],
    ids=str,
)
def test_the_limit_of_a_container(tmp_path, files, limit):
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    assert threads._container_limit.__wrapped__(str(tmp_path)) == limit


# -------------------------------------------------------------------------------------------------------- threadpoolctl


@pytest.fixture
def threadpoolctl():
    return pytest.importorskip("threadpoolctl")


def ours(threadpoolctl):
    """Return what threadpoolctl says of our pool."""
    (found,) = [pool for pool in threadpoolctl.threadpool_info() if pool["user_api"] == "gridsample"]
    return found


def test_threadpoolctl_sees_our_pool(threadpoolctl):
    gs.set_num_threads(5)
    found = ours(threadpoolctl)
    assert (found["num_threads"], found["version"]) == (5, gs.__version__)
    assert os.path.samefile(found["filepath"], _core.__file__)


def test_another_packages_core_is_not_taken_for_ours(threadpoolctl, tmp_path):  # noqa: ARG001
    other = tmp_path / os.path.basename(_core.__file__)
    shutil.copy(_core.__file__, other)
    code = f"""
import ctypes, gridsample, threadpoolctl
ctypes.CDLL({str(other)!r})
print([pool["filepath"] for pool in threadpoolctl.threadpool_info() if pool["user_api"] == "gridsample"])
"""
    assert in_a_new_process(code)[0] == str([os.path.realpath(_core.__file__)])


def test_threadpoolctl_limits_our_pool(threadpoolctl):
    gs.set_num_threads(7)
    assert told() == 7
    with threadpoolctl.threadpool_limits(3):
        assert (gs.get_num_threads(), told()) == (3, 3)
        with threadpoolctl.threadpool_limits({"gridsample": 1}):
            assert told() == 1
        assert told() == 3
    assert told() == 7


def test_a_limit_leaves_the_default_as_it_was(threadpoolctl, state):
    """It does not become a number of its own, that no affinity would change any more."""
    state.openmp = 4
    with threadpoolctl.threadpool_limits(2):
        assert told() == 2
    assert (state.chosen, state.limit, told()) == (None, None, 4)
    state.openmp = 6
    assert told() == 6


def test_a_limit_of_more_is_none(threadpoolctl, state):
    state.openmp = 2
    with threadpoolctl.threadpool_limits(9):
        assert told() == 2


def test_a_count_that_is_set_within_a_limit_counts(threadpoolctl):
    with threadpoolctl.threadpool_limits(1):
        gs.set_num_threads(3)
        assert told() == 3


@pytest.mark.parametrize("order", ["gridsample, threadpoolctl", "threadpoolctl, gridsample"])
def test_whichever_is_imported_first(threadpoolctl, order):  # noqa: ARG001  (that it is there)
    code = f"""
import sys
import {order}
print([pool["num_threads"] for pool in threadpoolctl.threadpool_info() if pool["user_api"] == "gridsample"])
print([finder for finder in sys.meta_path if type(finder).__module__.startswith("gridsample.threadpools")])
"""
    assert in_a_new_process(code, OMP_NUM_THREADS="3")[0].split("\n") == ["[3]", "[]"]


def test_without_threadpoolctl_nothing_is_missing():
    code = """
import sys
class Hidden:
    def find_spec(self, name, path, target=None):
        if name == "threadpoolctl":
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
sys.meta_path.insert(0, Hidden())
import gridsample
for _ in range(2):
    try:
        import threadpoolctl
    except ModuleNotFoundError as error:
        print(error)
"""
    assert in_a_new_process(code)[0].split("\n") == ["No module named 'threadpoolctl'"] * 2
