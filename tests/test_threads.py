"""The number of threads, several Python threads, and processes: right answers in any of them."""

import multiprocessing
import os
import signal
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

import gridsample as gs
from gridsample import _core, threads
from gridsample.spec import parse_options
from processes import in_a_new_process
from support import make_grid

forks = pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
# Python warns of any fork beside threads; that ours survive it is what is tested
fork_beside_threads = pytest.mark.filterwarnings("ignore:.*use of fork.*:DeprecationWarning")


@pytest.fixture(autouse=True)
def _threads(monkeypatch):
    monkeypatch.setattr(threads, "_state", threads._State())


def test_set_and_get():
    for count in (1, 3, np.int64(2)):
        gs.set_num_threads(count)
        assert gs.get_num_threads() == count


@pytest.mark.parametrize("bad", [0, -1, -(2**40), 2**40])
def test_counts_out_of_range(bad):
    before = gs.get_num_threads()
    with pytest.raises(ValueError, match=rf"^count must be .*got {bad}"):
        gs.set_num_threads(bad)
    assert gs.get_num_threads() == before


@pytest.mark.parametrize("bad", [1.0, "2", None, True, [2]], ids=repr)
def test_counts_that_are_no_whole_numbers(bad):
    with pytest.raises(TypeError, match=r"^count must be a whole number") as refusal:
        gs.set_num_threads(bad)
    assert type(bad).__name__ in str(refusal.value)


# ----------------------------------------------------------------------------------------------- several Python threads


def work(seed):
    """Return a call's arguments and its right answer, from one thread."""
    rng = np.random.default_rng(seed)
    image = rng.uniform(-1, 1, (1, 3, 101 + seed, 103)).astype("float32")
    grid = make_grid(rng, 2, "float32", 1, (97, 89 + seed))
    return image, grid


def both(image, grid):
    """Return the bytes of a sample and its splat."""
    samples = gs.grid_sample(image, grid, "bilinear", "border")
    return samples.tobytes(), gs.grid_splat(samples, grid, image.shape, "bicubic").tobytes()


@pytest.mark.parametrize("inner", [1, 2, 7])
def test_calls_from_several_threads(inner):
    jobs = [work(seed) for seed in range(11)]
    gs.set_num_threads(1)
    expected = [both(*job) for job in jobs]
    gs.set_num_threads(inner)
    with ThreadPoolExecutor(5) as pool:
        for _ in range(4):
            assert list(pool.map(lambda job: both(*job), jobs)) == expected


SPEC = parse_options("bicubic", "border", None)  # of which `work` gives several threads enough to do


def samples_with(job, ask):
    """Sample by the core alone, with threads as it is told when it asks."""
    image, grid = job
    result = np.empty((1, 3, *grid.shape[1:-1]), image.dtype)
    _core.pull(image, grid, result, SPEC.core, (0, 0), ask)
    return result.tobytes()


def test_calls_at_the_same_time_use_no_more_threads_than_each_may():
    """Each of two callers gets its own number of threads, and both get help at some time."""
    job, stop = work(2), threading.Event()
    expected, seen = samples_with(job, lambda: 1), {2: set(), 5: set()}

    def keep_calling(count):
        while not stop.is_set():
            assert samples_with(job, lambda: count) == expected
            seen[count].add(_core.watched_threads())

    with ThreadPoolExecutor(2) as pool:
        callers = [pool.submit(keep_calling, count) for count in seen]
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline and not all(len(taken) > 1 for taken in seen.values()):
            time.sleep(0.05)
        stop.set()
        for caller in callers:
            caller.result()
    for count, taken in seen.items():
        assert {may for may, _ in taken} == {count}
        assert all(1 <= part <= count for _, part in taken)
        assert max(part for _, part in taken) > 1


def test_the_number_of_threads_is_asked_for_only_where_there_is_enough_to_do():
    small = np.ones((1, 3, 16, 16)), np.zeros((1, 16, 16, 2))
    samples_with(small, lambda: 1 / 0)
    assert _core.watched_threads() == (1, 1)
    with pytest.raises(ZeroDivisionError):
        samples_with(work(2), lambda: 1 / 0)


@pytest.mark.parametrize("bad", [0, -1, 1025])
def test_the_core_refuses_a_number_of_threads(bad):
    with pytest.raises(ValueError, match="the number of threads must be from 1 to 1024"):
        samples_with(work(2), lambda: bad)


def test_calls_from_several_threads_on_the_portable_engine():
    rng = np.random.default_rng(0)
    image, grid = rng.normal(size=(1, 3, 2, 5, 7, 3)), make_grid(rng, 4, batch=1, out=(29,))
    grid[0, :3] = [[np.nan] * 4, [np.inf] * 4, [1e300] * 4]  # each thread keeps silent about these
    expected = both(image, grid)
    with ThreadPoolExecutor(5) as pool:
        assert all(result == expected for result in pool.map(lambda _: both(image, grid), range(40)))


def test_the_count_may_change_while_others_compute():
    job = work(3)
    expected, stop = both(*job), threading.Event()

    def change():
        while not stop.is_set():
            for count in (1, 5, 2):
                gs.set_num_threads(count)
                time.sleep(0.0005)

    changer = threading.Thread(target=change)
    changer.start()
    try:
        assert all(both(*job) == expected for _ in range(30))
    finally:
        stop.set()
        changer.join()


def test_other_threads_run_meanwhile():
    """The interpreter is released: a thread that only counts makes progress during one long call."""
    image, grid = np.ones((1, 16, 501, 503), "float32"), np.zeros((1, 999, 997, 2), "float32")
    count, stop = [0], threading.Event()

    def counting():
        while not stop.is_set():
            count[0] += 1
            time.sleep(0.0002)

    counter = threading.Thread(target=counting)
    gs.set_num_threads(1)
    counter.start()
    try:
        before, start = count[0], time.perf_counter()
        gs.grid_sample(image, grid, "bicubic")
        during, seconds = count[0] - before, time.perf_counter() - start
    finally:
        stop.set()
        counter.join()
    if seconds < sys.getswitchinterval() * 4:
        pytest.skip("the call is over before threads are switched")
    assert during > 1


# ------------------------------------------------------------------------------------------------------------ processes


def answer(job, expected, pipe):
    """In a child: send whether the answer is right."""
    pipe.send(both(*job) == expected)
    pipe.close()


def child_is_right(job, expected):
    """Fork, compare in the child, and return what it found; a child that hangs is ended and is wrong."""
    child = os.fork()
    if child == 0:  # no test framework from here on: nothing but the call and the exit
        try:
            os._exit(0 if both(*job) == expected else 1)
        finally:
            os._exit(2)
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            return status == 0
        time.sleep(0.005)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return False


@forks
@fork_beside_threads
def test_a_forked_child_computes():
    job = work(1)
    gs.set_num_threads(3)
    expected = both(*job)  # the parent's threads exist now, and the child has none of them
    assert child_is_right(job, expected)
    assert both(*job) == expected
    assert child_is_right(job, expected)


@forks
@fork_beside_threads
def test_a_fork_while_others_compute():
    """Whatever the parent's threads hold at that moment, the child must not wait for it."""
    job, other, stop = work(1), work(2), threading.Event()
    gs.set_num_threads(3)
    expected = both(*job)

    def busy():
        while not stop.is_set():
            both(*other)

    threads = [threading.Thread(target=busy) for _ in range(2)]
    for thread in threads:
        thread.start()
    try:
        assert all(child_is_right(job, expected) for _ in range(12))
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    assert both(*job) == expected


@forks
@fork_beside_threads
def test_a_child_of_a_child_computes():
    job = work(1)
    gs.set_num_threads(2)
    expected = both(*job)
    child = os.fork()
    if child == 0:
        try:
            right = both(*job) == expected and child_is_right(job, expected)
            os._exit(0 if right else 1)
        finally:
            os._exit(2)
    assert os.waitpid(child, 0)[1] == 0


@forks
@fork_beside_threads
@pytest.mark.parametrize("method", ["fork", "spawn"])
def test_processes_of_multiprocessing(method):
    job = work(1)
    gs.set_num_threads(2)
    expected = both(*job)
    context = multiprocessing.get_context(method)
    ours, theirs = context.Pipe(duplex=False)
    process = context.Process(target=answer, args=(job, expected, theirs))
    process.start()
    assert ours.poll(120), "the child never answered"
    assert ours.recv()
    process.join(60)
    assert process.exitcode == 0


@forks
@fork_beside_threads
def test_a_pool_of_forked_workers():
    """As a data loader's: arrays go in and come back."""
    jobs = [work(seed) for seed in range(5)]
    expected = [both(*job) for job in jobs]
    with multiprocessing.get_context("fork").Pool(2) as pool:
        assert pool.starmap_async(both, jobs).get(timeout=120) == expected


def test_the_process_ends_at_once_with_threads_asleep():
    code = """
import numpy, gridsample
gridsample.set_num_threads(5)
gridsample.grid_sample(numpy.ones((1, 1, 300, 301)), numpy.zeros((1, 300, 301, 2)))
print("done")
"""
    assert in_a_new_process(code)[0] == "done"
