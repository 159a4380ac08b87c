"""What the benchmark's processes are held to, and which cases run where."""

import os

import pytest

from bench import measure, settings
from bench.case import Case, Goal
from bench.cases import CASES
from bench.measure import Pace, Worker, workers
from bench.peers import OURS, PEERS
from bench.settings import Setting, environment, held, planned

SETS = settings.instruction_sets()
SOME = [case for case in CASES if not case.is_sweep]


def test_a_set_holds_every_library_that_can_be():
    narrow, wide, other = (environment(name) for name in ("x86_64_v3", "x86_64_v4", "neon"))
    assert narrow["GRIDSAMPLE_ISA"] == "x86_64_v3"
    assert narrow["ATEN_CPU_CAPABILITY"] == "avx2"
    assert "AVX512-SKX" in narrow["OPENCV_CPU_DISABLE"]
    assert "-AVX512F" in narrow["GLIBC_TUNABLES"]
    assert wide == {"GRIDSAMPLE_ISA": "x86_64_v4", "ATEN_CPU_CAPABILITY": "avx512"}
    assert other == {"GRIDSAMPLE_ISA": "neon"}


def test_the_environment_is_as_before_afterwards(monkeypatch):
    monkeypatch.setenv("ATEN_CPU_CAPABILITY", "default")
    monkeypatch.delenv("GRIDSAMPLE_ISA", raising=False)
    with held(environment("x86_64_v4")):
        assert os.environ["ATEN_CPU_CAPABILITY"] == "avx512"
        assert os.environ["GRIDSAMPLE_ISA"] == "x86_64_v4"
    assert os.environ["ATEN_CPU_CAPABILITY"] == "default"
    assert "GRIDSAMPLE_ISA" not in os.environ


SAID = {
    "gridsample": {"x86_64_v3": "x86_64_v3", "x86_64_v4": "x86_64_v4"},
    "torch": {"x86_64_v3": "AVX2", "x86_64_v4": "AVX512"},
    "OpenCV": {"x86_64_v3": "AVX2"},
    "SciPy": {"x86_64_v3": "as built"},
}


@pytest.mark.parametrize("instructions", SETS)
@pytest.mark.parametrize("name", SAID)
def test_a_library_says_what_it_was_held_to(name, instructions):
    if not PEERS[name].installed():
        pytest.skip(f"{name} is not installed")
    expected = SAID[name].get(instructions)
    worker = Worker(name, environment(instructions))
    try:
        told = worker.ask("instructions")
    finally:
        worker.close()
    assert expected is None or told == expected


def test_every_case_is_planned_in_every_setting_with_all_peers_at_the_ends():
    chosen = settings.settings(["x86_64_v3", "x86_64_v4"], [2, 1, 2])
    assert [setting.title for setting in chosen] == [
        "AVX2, 1 thread",
        "AVX2, 2 threads",
        "AVX-512, 1 thread",
        "AVX-512, 2 threads",
    ]
    plan = planned(CASES, chosen)
    assert len(plan) == 4 * len(CASES)
    assert {setting for setting, _, wanted in plan if wanted is None} == {chosen[0], chosen[-1]}
    case = Case("one", (1, 1, 2, 2), (2, 2), goals=(Goal("SciPy"), Goal("torch")))
    assert planned([case], chosen)[1][2] == ["SciPy", "torch"]


@pytest.mark.slow
@pytest.mark.parametrize("setting", settings.settings(SETS, [1, 2]), ids=lambda setting: setting.title)
def test_every_case_is_measured_in_every_setting(setting):
    """All shrunk: each is right, and has times of both clocks for each library that takes part."""
    pytest.importorskip("torch")
    with workers(PEERS, setting.instructions) as lent:
        for case in SOME:
            wanted = [goal.peer for goal in case.goals]  # test_benchmark.py has the others' answers
            found = measure.measure(case.shrunk(), setting, lent, Pace(1, 1e-4), wanted)
            assert found.right, case.name
            assert found.failures == {}, case.name
            assert set(found.wall) == set(found.process) >= {OURS}
            assert all(times[0] > 0 for times in found.process.values())


def test_one_thread_has_the_processors_clock():
    assert Setting("neon", 1).clock == "process"
    assert Setting("neon", 4).clock == "wall"
