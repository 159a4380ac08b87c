"""The benchmark: that it measures what it says, checks before it times, and reports what it measured."""

import json
from dataclasses import replace

import numpy as np
import pytest

import gridsample as gs
from bench import __main__ as command
from bench import figures, machine, measure, settings
from bench.case import OURSELVES, Case, Goal
from bench.cases import CASES, IMPORT, PHOTO, chosen
from bench.check import Check, adding, check
from bench.measure import Failed, Measured, Pace, Worker, workers
from bench.peer import positions
from bench.peers import COPY, LIBRARIES, OURS, PEERS, peers_for
from bench.places import LAYOUTS
from bench.settings import Setting
from bench.with_tensors import laid_out

pytestmark = [  # torch-interpol is made of TorchScript
    pytest.mark.filterwarnings("ignore:.torch.jit.*is deprecated:DeprecationWarning"),
]

GOAL = Goal("SciPy", 2.0)
TINY = Case("tiny", (1, 3, 7, 11), (13, 17), family="numpy", goals=(GOAL,))
ONE, ALL = Setting("x86_64_v3", 1), Setting("x86_64_v4", 2)
WANTED = [case for case in CASES if not case.is_sweep] + [case for case in CASES if case.is_sweep][:1]
ABLE = [
    pytest.param(case, name, id=f"{name}: {case.name}")
    for case in WANTED
    for name, peer in LIBRARIES.items()
    if peer.supports(case.shrunk()) and peer.agrees(case)
]


def results_of(peer, case, arrays):
    """Return what a library gives for a case."""
    prepared = peer.prepare(case, arrays)
    return prepared.convert(prepared.run())


@pytest.fixture(scope="module")
def library():
    """Make a peer once for all tests, or skip those that need it."""
    made = {}

    def get(name):
        if not PEERS[name].installed():
            pytest.skip(f"{name} is not installed")
        if name not in made:
            made[name] = PEERS[name]()
            made[name].set_threads(1)
        return made[name]

    before = gs.get_num_threads()
    yield get
    for peer in made.values():
        peer.set_threads(before)  # later tests compare results across processes, which start with all cores


def measured(case=TINY, right=True, setting=ALL, process=None, **wall):
    """Return made-up times."""
    wall = {name: list(times) for name, times in wall.items()}
    return Measured(case, setting, right, [1e-7], [1e-6], wall, wall if process is None else process)


# ------------------------------------------------------------------------------------------------------------ the cases


def test_names_are_unique():
    names = [case.name for case in CASES]
    assert len(set(names)) == len(names)


def test_every_goal_is_against_a_peer_that_can():
    for case in CASES:
        for goal in case.goals:
            assert goal.peer in PEERS
            assert PEERS[goal.peer].supports(case), case.name
            assert case.peers is None or goal.peer in (*case.peers, OURSELVES)
        assert (case.otherwise is not None) == (case.goals[0].peer == OURSELVES)


def test_goals_are_those_of_their_setting():
    goal = Goal("torch", 1, 2, 4)
    found = {
        (name, threads): goal.within(Setting(name, threads))
        for name in ("x86_64_v3", "x86_64_v4")
        for threads in (1, 2)
    }
    assert found == {("x86_64_v3", 1): 2, ("x86_64_v3", 2): 1, ("x86_64_v4", 1): 1, ("x86_64_v4", 2): 4}
    assert goal.within(Setting("neon", 8)) == 1
    assert Goal("torch", one=2).within(ALL) is None


def test_shrunk_cases_are_the_same_but_small():
    for case in CASES:
        small = case.shrunk()
        assert replace(small, shape=case.shape, out=case.out) == case
        assert len(small.size) == len(case.size)
        assert np.prod(small.result_shape) < 3000


def test_deformable_attention_has_the_layouts_that_transformers_calls_with():
    cases = {case.name: case for case in CASES}
    encoder = cases["Deformable DETR, encoder, 8500x4 at 80x80, forward"]
    assert (encoder.shape, encoder.grid_shape) == ((8, 32, 80, 80), (8, 8500, 4, 2))
    assert encoder.strides() == ((32, 1, 256 * 80, 256), (32, 256, 2, 1))
    decoder = cases["RT-DETR v2, decoder, 300x4 at 40x40, forward and backward"]
    assert decoder.grid_shape == (8, 300, 4, 2)
    assert decoder.strides() == ((32, 1, 256 * 40, 256), (24, 192, 2, 1))


@pytest.mark.parametrize("channels", ["first", "last", "heads"])
def test_tensors_lie_as_their_case_says(channels):
    torch = pytest.importorskip("torch")
    array = np.random.default_rng(0).random((2, 5, 7, 11))
    strides = LAYOUTS[channels](array.shape)
    tensor = laid_out(torch.from_numpy(array), strides)
    assert tensor.stride() == strides
    assert np.array_equal(tensor.numpy(), array)
    assert channels != "last" or tensor.is_contiguous(memory_format=torch.channels_last)
    view = torch.zeros(7, 11, 2, 5).permute(2, 3, 0, 1)  # pixels of heads of channels
    assert channels != "heads" or view.stride() == strides


def test_a_level_of_places_is_one_among_several():
    torch = pytest.importorskip("torch")
    places = torch.rand(13, 2, 3, 4, 2)  # queries, heads, levels, points
    level = places[:, :, 1].transpose(0, 1)
    assert LAYOUTS["a level of 3"](level.shape) == level.stride()


def test_cases_survive_json():
    for case in CASES:
        assert Case.from_json(json.loads(json.dumps(case.to_json()))) == case


def test_arrays_depend_on_the_seed_alone():
    one, same, other = TINY.arrays(3), TINY.arrays(3), TINY.arrays(4)
    assert all(np.array_equal(a, b) for a, b in zip(one[:2], same[:2], strict=True))
    assert not np.array_equal(one.input, other.input)


def test_places_of_gradients_keep_away_from_jumps():
    for case in CASES:
        if case.differentiates or case.mode == "nearest":
            small = case.shrunk()
            half_pixels = 2 * positions(small, small.arrays().grid)
            assert np.abs(half_pixels - np.rint(half_pixels)).min() > 8 * 2.0**-23 * max(small.size), case.name


def test_words_choose_cases():
    assert chosen(["TRILINEAR"]) == [case.name for case in CASES if "trilinear" in case.name]
    assert chosen(["import"]) == [IMPORT]
    assert len(chosen([])) == len(CASES) + 1


def test_an_unknown_word_is_refused_with_all_names(capsys):
    with pytest.raises(SystemExit) as exit:
        command.main(["--only", "bilinear", "--only", "triliner"])
    told = capsys.readouterr().err
    assert exit.value.code == 2
    assert "'triliner'" in told
    assert all(case.name in told for case in CASES)


# ---------------------------------------------------------------------------------------------------------- the answers


@pytest.mark.parametrize(("case", "name"), ABLE)
def test_answers_are_right(case, name, library):
    """Ours, and those of the others: an adapter that asks for something else is seen."""
    peer, small = library(name), case.shrunk()
    arrays = small.arrays()
    found = check(small, arrays, results_of(peer, small, arrays), peer.computes_in(small), peer.steps(small))
    assert found.right, found


@pytest.mark.parametrize("case", [case for case in WANTED if case.otherwise], ids=lambda case: case.name)
def test_what_we_are_compared_with_is_right_too(case, library):
    small = case.shrunk()
    other = small.as_otherwise()
    arrays = other.arrays()
    if other.operation == "one-hot":
        (labels,) = results_of(library(OURS), small, small.arrays())
        (chosen,) = results_of(library(OURSELVES), small, small.arrays())
        assert np.mean(labels == chosen) > 0.99  # but for ties
    else:
        assert check(other, arrays, results_of(library(OURSELVES), small, small.arrays())).right


OPERATIONS = ["sample", "backward", "forward and backward", "double backward", "gradient penalty"]


@pytest.mark.parametrize("operation", OPERATIONS)
@pytest.mark.parametrize("which", range(3))
def test_a_wrong_answer_is_found(operation, which, library):
    """One number of one result is off by a thousandth of the largest, of a gradient penalty by some."""
    pytest.importorskip("torch")
    case = replace(TINY, operation=operation, family="torch")
    arrays = case.arrays()
    results = [result.copy() for result in results_of(library(OURS), case, arrays)]
    assert check(case, arrays, results).right
    if which < len(results):
        off = 0.05 if operation == "gradient penalty" else 1e-3  # whose bound is wider
        results[which].flat[5] += off * np.abs(results[which]).max()
        assert not check(case, arrays, results).right


def test_a_wrong_label_is_found(library):
    case = replace(TINY, shape=(1, 1, 7, 11), operation="labels", padding="border")
    arrays = case.arrays()
    (labels,) = results_of(library(OURS), case, arrays)
    assert check(case, arrays, [labels]).right
    assert not check(case, arrays, [(labels + 1) % 20]).right


def test_points_that_reach_no_pixel_do_not_widen_the_bound():
    arrays = TINY.arrays()
    far = np.concatenate([arrays.grid, np.full((1, 500, 17, 2), 9.0)], axis=1)
    assert adding(TINY, 1e-7, far, (0, 0)) == adding(TINY, 1e-7, arrays.grid, (0, 0))


def test_nan_and_other_shapes_are_wrong(library):
    arrays = TINY.arrays()
    (result,) = results_of(library(OURS), TINY, arrays)
    assert not check(TINY, arrays, [result * np.nan]).right
    assert not check(TINY, arrays, [result[:, :, :-1]]).right


def test_the_bytes_of_a_case():
    assert TINY.traffic() == 4 * (3 * 77 + 2 * 221 + 3 * 221)
    assert replace(TINY, operation="backward", gradients="grid").traffic() == 4 * (3 * 77 + 4 * 221 + 3 * 221)
    assert replace(TINY, dtype="complex64").traffic() == 8 * (3 * 77 + 3 * 221) + 4 * 2 * 221


# -------------------------------------------------------------------------------------------------------- the processes


class Scripted:
    """A worker that answers from a table."""

    process = None

    def __init__(self, **answers):
        self.answers, self.asked = answers, []

    def ask(self, method, *_):
        self.asked.append(method)
        answer = self.answers.get(method)
        if isinstance(answer, Exception):
            raise answer
        return answer


def test_a_wrong_answer_gets_no_time():
    ours = Scripted(check=Check([0.5], [1e-6]), block=(1.0, 1.0))
    found = measure.measure(TINY, ALL, {OURS: ours}, Pace())
    assert "block" not in ours.asked
    assert not found.right
    assert found.wall == found.process == {}
    assert "WRONG" in figures.row(found)
    assert " ms" not in figures.row(found)
    assert command.status({"cases": [found.to_json()]}) == 1
    assert command.status({"cases": [measured(gridsample=[1.0]).to_json()]}) == 0


def test_a_peer_that_fails_is_left_out(monkeypatch):
    monkeypatch.setattr(measure, "peers_for", lambda *_: [OURS, "SciPy", "torch"])
    numbers = [np.arange(3.0)]
    lent = {
        OURS: Scripted(check=Check([0.0], [1e-6]), sampled=numbers, block=(1.0, 1.5), extra_memory=5),
        "SciPy": Scripted(prepare=Failed("no such thing")),
        "torch": Scripted(sampled=[numbers[0] + 0.25], block=Failed("and then it crashed"), extra_memory=None),
    }
    found = measure.measure(TINY, ALL, lent, Pace(rounds=2))
    assert found.right
    assert found.wall == {OURS: [1.0, 1.0]}
    assert found.process == {OURS: [1.5, 1.5]}
    assert found.failures == {"SciPy": "no such thing", "torch": "and then it crashed"}
    assert found.differences == {"torch": [0.25]}
    assert found.extra_memory == {OURS: 5}
    assert figures.met(found, GOAL) is None


def test_libraries_that_are_not_installed_are_left_out(monkeypatch):
    monkeypatch.setattr(PEERS["SciPy"], "installed", lambda: False)
    monkeypatch.setattr(PEERS["torch"], "installed", lambda: False)
    names = peers_for(CASES[0])
    assert "SciPy" not in names
    assert OURS not in names  # it is given tensors there
    assert OURS in peers_for(TINY)


def test_between_the_ends_goals_say_who_is_measured():
    case = replace(TINY, shape=PHOTO, out=PHOTO[2:])
    assert {OURS, "SciPy", COPY} == set(peers_for(case, ["SciPy"])) | {"SciPy"}
    assert "OpenCV" not in peers_for(case, ["SciPy"])


def test_a_process_that_ends_is_a_failure():
    worker = Worker(COPY)
    worker.ask("release")
    worker.process.kill()
    with pytest.raises(Failed, match="ended with status -9"):
        worker.ask("release")
    worker.ask("release")  # and another one is started when it is asked again
    with pytest.raises(Failed, match="AttributeError"):
        worker.ask("nonsense")
    worker.close()


def test_from_end_to_end():
    if not PEERS["SciPy"].installed():
        pytest.skip("SciPy is not installed")
    case = replace(TINY, shape=(1, 3, 401, 409), out=(409, 401))
    setting = Setting(settings.instruction_sets()[0], 2)
    with workers([OURS, "SciPy", COPY], setting.instructions) as lent:
        found = measure.measure(case, setting, lent, Pace(rounds=2, block=0.001))
        assert all(worker.process.is_alive() for worker in lent.values())
    assert all(worker.process is None for worker in lent.values())
    assert found.right
    for times in (found.wall, found.process):
        assert set(times) == {OURS, "SciPy", COPY}
        assert all(len(each) == 2 and min(each) > 0 for each in times.values())
    assert figures.differing(found) == {}
    assert Measured.from_json(json.loads(json.dumps(found.to_json()))) == found


def test_the_command_writes_what_it_measured(monkeypatch, tmp_path, capsys):
    pytest.importorskip("tqdm")
    monkeypatch.setattr(command, "PEERS", [OURS])
    monkeypatch.setattr(command.report, "write", lambda _: pytest.fail("a part of the cases is no report"))
    path, held = tmp_path / "run.json", settings.instruction_sets()[0]
    arguments = ["--only", "16x16, NumPy", "--only", IMPORT, "--rounds", "1", "--block", "0.01", "--json", str(path)]
    assert command.main([*arguments, "--threads", "1", "--set", held]) == 0
    results = json.loads(path.read_text())
    (case,) = results["cases"]
    assert case["case"]["name"] == "small call 1x3x16x16, NumPy"
    assert set(case["wall"]) == set(case["process"]) == {OURS}
    assert results["import"] > 0
    assert results["settings"] == [{"instructions": held, "threads": 1}]
    assert results["instructions"] == {held: {OURS: held}}
    assert results["pace"] == {"rounds": 1, "block": 0.01}
    assert case["case"]["name"] in capsys.readouterr().out


def test_a_busy_machine_is_told(monkeypatch, capsys):
    pytest.importorskip("tqdm")
    monkeypatch.setattr(command.machine, "busy", lambda: 0.5)
    assert command.run([], [], Pace(), False)["busy"] == 0.5
    assert "use 50% of" in capsys.readouterr().err


def test_sets_of_other_processors_are_refused(capsys):
    with pytest.raises(SystemExit):
        command.main(["--set", "x86_64_v9"])
    told = capsys.readouterr().err
    assert "'x86_64_v9'" in told
    assert settings.instruction_sets()[0] in told


def test_a_turn_takes_some_time(capsys):
    with pytest.raises(SystemExit):
        command.main(["--block", "0"])
    assert "above 0" in capsys.readouterr().err


def test_how_busy_a_machine_is():
    share = machine.busy(0.02)
    assert share is None or 0 <= share <= 1


def test_a_folder_that_is_not_there_is_refused_before_measuring(tmp_path, capsys):
    with pytest.raises(SystemExit):
        command.main(["--json", str(tmp_path / "nowhere" / "run.json")])
    assert "nowhere" in capsys.readouterr().err
