"""The benchmark: that it measures what it says, checks before it times, and reports what it measured."""

import json
from dataclasses import replace

import numpy as np
import pytest

import gridsample as gs
from bench import __main__ as command
from bench import figures, machine, measure, readme, report
from bench.cases import CASES, IMPORT, Case, chosen
from bench.check import Check, adding, check
from bench.measure import Failed, Measured, Settings, Worker, workers
from bench.peer import positions
from bench.peers import COPY, LIBRARIES, OURS, PEERS

pytestmark = [  # torch-interpol is made of TorchScript
    pytest.mark.filterwarnings("ignore:.torch.jit.*is deprecated:DeprecationWarning"),
]

TINY = Case("tiny", (1, 3, 7, 11), (13, 17), family="numpy", goal=2.0, against="SciPy")
WANTED = [case for case in CASES if not case.is_sweep] + [case for case in CASES if case.is_sweep][:1]
ABLE = [
    pytest.param(case, name, id=f"{name}: {case.name}")
    for case in WANTED
    for name, peer in LIBRARIES.items()
    if peer.supports(case.shrunk())
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


def measured(case=TINY, right=True, **seconds):
    """Return made-up times."""
    return Measured(case, case.threads or 2, right, [1e-7], [1e-6], {name: list(t) for name, t in seconds.items()})


# ------------------------------------------------------------------------------------------------------------ the cases


def test_names_are_unique():
    names = [case.name for case in CASES]
    assert len(set(names)) == len(names)


def test_every_goal_is_against_a_peer_that_can():
    for case in CASES:
        assert case.against in LIBRARIES
        assert LIBRARIES[case.against].supports(case), case.name


def test_shrunk_cases_are_the_same_but_small():
    for case in CASES:
        small = case.shrunk()
        assert replace(small, shape=case.shape, out=case.out) == case
        assert len(small.size) == len(case.size)
        assert np.prod(small.result_shape) < 3000


def test_cases_survive_json():
    for case in CASES:
        assert Case.from_json(json.loads(json.dumps(case.to_json()))) == case


def test_arrays_depend_on_the_seed_alone():
    one, same, other = TINY.arrays(3), TINY.arrays(3), TINY.arrays(4)
    assert all(np.array_equal(a, b) for a, b in zip(one[:2], same[:2], strict=True))
    assert not np.array_equal(one.input, other.input)


def test_places_of_gradients_keep_away_from_jumps():
    for case in CASES:
        if case.operation != "sample" or case.mode == "nearest":
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


@pytest.mark.parametrize("operation", ["sample", "backward", "double backward"])
@pytest.mark.parametrize("which", range(3))
def test_a_wrong_answer_is_found(operation, which, library):
    """One number of one result is off by a thousandth of the largest."""
    pytest.importorskip("torch")
    case = replace(TINY, operation=operation, family="torch")
    arrays = case.arrays()
    results = [result.copy() for result in results_of(library(OURS), case, arrays)]
    assert check(case, arrays, results).right
    if which < len(results):
        results[which].flat[5] += 1e-3 * np.abs(results[which]).max()
        assert not check(case, arrays, results).right


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
    ours = Scripted(check=Check([0.5], [1e-6]), block=1.0)
    found = measure.measure(TINY, {OURS: ours}, Settings(1))
    assert "block" not in ours.asked
    assert not found.right
    assert found.seconds == {}
    assert "WRONG" in figures.row(found)
    assert " ms" not in figures.row(found)
    assert command.status({"cases": [found.to_json()]}) == 1
    assert command.status({"cases": [measured(gridsample=[1.0]).to_json()]}) == 0


def test_a_peer_that_fails_is_left_out(monkeypatch):
    monkeypatch.setattr(measure, "peers_for", lambda _: [OURS, "SciPy", "torch"])
    numbers = [np.arange(3.0)]
    lent = {
        OURS: Scripted(check=Check([0.0], [1e-6]), sampled=numbers, block=1.0, extra_memory=5),
        "SciPy": Scripted(prepare=Failed("no such thing")),
        "torch": Scripted(sampled=[numbers[0] + 0.25], block=Failed("and then it crashed"), extra_memory=None),
    }
    found = measure.measure(TINY, lent, Settings(1, rounds=2))
    assert found.right
    assert found.seconds == {OURS: [1.0, 1.0]}
    assert found.failures == {"SciPy": "no such thing", "torch": "and then it crashed"}
    assert found.differences == {"torch": [0.25]}
    assert found.extra_memory == {OURS: 5}
    assert figures.met(found) is None


def test_libraries_that_are_not_installed_are_left_out(monkeypatch):
    monkeypatch.setattr(PEERS["SciPy"], "installed", lambda: False)
    monkeypatch.setattr(PEERS["torch"], "installed", lambda: False)
    names = measure.peers_for(CASES[0])
    assert "SciPy" not in names
    assert OURS not in names  # it is given tensors there
    assert OURS in measure.peers_for(TINY)


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
    with workers([OURS, "SciPy", COPY]) as lent:
        found = measure.measure(case, lent, Settings(2, rounds=2, block=0.001))
        assert all(worker.process.is_alive() for worker in lent.values())
    assert all(worker.process is None for worker in lent.values())
    assert found.right
    assert set(found.seconds) == {OURS, "SciPy", COPY}
    assert all(len(times) == 2 and min(times) > 0 for times in found.seconds.values())
    assert figures.differing(found) == {}
    assert Measured.from_json(json.loads(json.dumps(found.to_json()))) == found


def test_the_command_writes_what_it_measured(monkeypatch, tmp_path, capsys):
    pytest.importorskip("tqdm")
    monkeypatch.setattr(command, "PEERS", [OURS])
    monkeypatch.setattr(report, "write", lambda _: pytest.fail("a part of the cases is no report"))
    path = tmp_path / "run.json"
    arguments = ["--only", "16x16, NumPy", "--only", IMPORT, "--rounds", "1", "--threads", "1", "--json", str(path)]
    assert command.main(arguments) == 0
    results = json.loads(path.read_text())
    (case,) = results["cases"]
    assert case["case"]["name"] == "small call 1x3x16x16, NumPy"
    assert set(case["seconds"]) == {OURS}
    assert results["import"] > 0
    assert results["settings"] == {"threads": 1, "rounds": 1, "block": Settings.block}
    assert case["case"]["name"] in capsys.readouterr().out


def test_a_busy_machine_is_told(monkeypatch, capsys):
    pytest.importorskip("tqdm")
    monkeypatch.setattr(command.machine, "busy", lambda: 0.5)
    assert command.run([], Settings(1), False)["busy"] == 0.5
    assert "use 50% of" in capsys.readouterr().err


def test_how_busy_a_machine_is():
    share = machine.busy(0.02)
    assert share is None or 0 <= share <= 1


def test_a_folder_that_is_not_there_is_refused_before_measuring(tmp_path, capsys):
    with pytest.raises(SystemExit):
        command.main(["--json", str(tmp_path / "nowhere" / "run.json")])
    assert "nowhere" in capsys.readouterr().err


# ----------------------------------------------------------------------------------------------- figures and the report


def test_a_ratio_is_the_median_of_the_rounds_ratios():
    found = measured(gridsample=[1.0, 2.0, 4.0], SciPy=[3.0, 6.0, 8.0])
    assert figures.ratio(found, "SciPy") == 3.0
    assert figures.ratio(found, "torch") is None
    assert figures.met(found) is True
    assert figures.met(measured(gridsample=[1.0], SciPy=[1.9])) is False
    assert figures.met(measured(gridsample=[1.0], torch=[9.0])) is None


def test_a_goal_may_ask_for_a_share_of_the_copy_limit():
    case = replace(TINY, copy_goal=0.5)
    assert figures.met(measured(case, gridsample=[1.0], SciPy=[3.0], copy=[0.6])) is True
    assert figures.met(measured(case, gridsample=[1.0], SciPy=[3.0], copy=[0.4])) is False


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (None, "-"),
        (2.345, "2.35 s"),
        (0.01234, "12.3 ms"),
        (0.000999, "999 µs"),
        (3.14159e-6, "3.14 µs"),
        (5e-8, "50.0 ns"),
    ],
)
def test_times_are_told_in_units(seconds, text):
    assert figures.time_text(seconds) == text


def made_up():
    """Return results of a run that never was."""
    cases = [
        measured(replace(TINY, name="fast"), gridsample=[1e-3], SciPy=[5e-3], OpenCV=[2e-3], copy=[4e-4]),
        measured(replace(TINY, name="slow"), gridsample=[1e-3], SciPy=[1e-3]),
        measured(replace(TINY, name="red"), right=False),
    ]
    cases[0].differences["OpenCV"] = [0.03]
    for side, one, two in ((64, 2e-5, 1.5e-5), (1024, 4e-3, 3e-3)):
        for threads, time in ((1, one), (2, two)):
            sweep = Case(f"sweep {side}, {threads}", (1, 3, side, side), (side, side), threads=threads)
            cases.append(measured(sweep, gridsample=[time], torch=[5 * one], OpenCV=[1.3 * time]))
    return {
        "date": "2026-01-02",
        "commit": "abc",
        "machine": {"processor": "an abacus"},
        "versions": {"gridsample": "1", "SciPy": "2"},
        "missing": ["SimpleITK"],
        "settings": {"threads": 2, "rounds": 1, "block": 0.15},
        "cases": [case.to_json() for case in cases],
        "import": 0.06,
        "busy": 0.25,
    }


def test_the_report_says_what_was_measured():
    text = report.render(made_up(), {"slow": "It sleeps.", "fast": "It does not.", report.GAIN: "They wait."}, True)
    lines = text.splitlines()
    assert "| fast | SciPy | 5.00x | 2x | met | 1.00 ms | 5.00 ms | 40 % | - | - |" in lines
    assert "| slow | SciPy | 1.00x | 2x | **short** | 1.00 ms | 1.00 ms | - | - | - |" in lines
    assert "| red | SciPy | - | 2x | **WRONG** | - | - | - | - | - |" in lines
    assert "- OpenCV, fast: by up to 0.03: before version 5 it rounds positions to 1/32 pixel" in lines
    assert "**slow**: 1.00x, for a goal of 2x. It sleeps." in lines
    assert "It does not." not in text
    assert f"**{report.GAIN}**, for 1x3x1024x1024: They wait." in lines
    assert any(line.startswith("| 1x3x64x64 | 20.0 µs | 15.0 µs | 1.33x | 1.63 | 5.00x | 6.67x |") for line in lines)
    assert "takes 60.0 ms beyond" in text
    assert "left out: SimpleITK" in text
    assert "before the run: 25 % of" in text


def test_the_report_is_written_with_its_picture(tmp_path):
    pytest.importorskip("matplotlib")
    run = tmp_path / "run.json"
    run.write_text(json.dumps(made_up()))
    page = report.write(json.loads(run.read_text()), tmp_path / "benchmarks.md")
    assert "images/benchmark.png" in page.read_text(encoding="utf-8")
    assert (tmp_path / "images" / "benchmark.png").read_bytes().startswith(b"\x89PNG")


def test_a_report_is_rewritten_from_a_file(monkeypatch, tmp_path):
    run, written, updated = tmp_path / "run.json", [], []
    run.write_text(json.dumps(made_up()))
    monkeypatch.setattr(report, "write", written.append)
    monkeypatch.setattr(readme, "update", lambda: updated.append(True))
    assert command.main(["--from-json", str(run)]) == 1  # one of its answers is wrong
    assert written == [json.loads(run.read_text())]
    assert updated == [True]


@pytest.mark.parametrize("path", [readme.README, readme.CHINESE], ids=lambda path: path.name)
def test_the_readmes_speeds_are_those_of_the_page(path):
    page, text = (each.read_text(encoding="utf-8") for each in (report.PAGE, path))
    shown = readme.MARKED.search(text)[0].partition("\n")[2]
    assert shown.startswith(readme.speeds(page, path)), "python -m bench.readme"
    assert {row for row in readme.ROWS if f"| {row} |" not in page} == set()
    assert set(readme.ROWS) <= {case.name for case in CASES}  # so the next page has them too


def test_the_readmes_speeds_follow_the_page(tmp_path):
    changed = report.PAGE.read_text(encoding="utf-8").replace("| bicubic, 1x3x1080x1350, rotated | ", "| gone | ")
    page, text = tmp_path / "benchmarks.md", tmp_path / "README.md"
    page.write_text(changed.replace("processor: ", "processor: another, "), encoding="utf-8")
    text.write_text("above\n<!-- speed -->\nold\n<!-- /speed -->\nbelow\n", encoding="utf-8")
    readme.update([text], page)
    told = text.read_text(encoding="utf-8")
    assert told.startswith("above\n<!-- speed -->\n| ")
    assert told.endswith("<!-- /speed -->\nbelow\n")
    assert "old" not in told
    assert "| RGB image 1350×1080, bicubic | - | - | - |" in told  # a case that is not there has no figures
    assert "Measured on another, " in told


def test_notes_are_read_by_the_names_that_head_them():
    assert report.notes("# Title\n\nwords\n\n## one, 1x2\n\nfirst\n\n## two\nsecond\n") == {
        "one, 1x2": "first",
        "two": "second",
    }


def test_notes_are_about_cases():
    written = report.notes(report.NOTES.read_text(encoding="utf-8"))
    assert set(written) <= {*(case.name for case in CASES), report.GAIN}
