"""The benchmark's report: figures, marks, reasons, and the READMEs' table, from made-up and from stored runs."""

import json
from dataclasses import replace

import pytest

from bench import __main__ as command
from bench import figures, readme, report
from bench.case import Case, Goal
from bench.cases import CASES
from bench.settings import Setting
from test_benchmark import ALL, GOAL, ONE, TINY, measured


def test_a_ratio_is_the_median_of_the_rounds_ratios():
    found = measured(gridsample=[1.0, 2.0, 4.0], SciPy=[3.0, 6.0, 8.0])
    assert figures.ratio(found, "SciPy") == 3.0
    assert figures.ratio(found, "torch") is None
    assert figures.met(found, GOAL) is True
    assert figures.met(measured(gridsample=[1.0], SciPy=[1.9]), GOAL) is False
    assert figures.met(measured(gridsample=[1.0], torch=[9.0]), GOAL) is None


def test_one_thread_is_judged_by_the_processors_time_and_several_by_the_time_that_passes():
    wall, process = {"gridsample": [1.0], "SciPy": [3.0]}, {"gridsample": [1.0], "SciPy": [1.5]}
    by_one, by_all = (measured(setting=setting, process=process, **wall) for setting in (ONE, ALL))
    assert figures.ratio(by_one, "SciPy") == 1.5
    assert figures.ratio(by_all, "SciPy") == 3.0
    assert figures.ratio(by_all, "SciPy", "process") == 1.5
    assert (figures.met(by_one, GOAL), figures.met(by_all, GOAL)) == (False, True)


def test_a_goal_may_ask_for_a_share_of_the_copy_limit():
    goal = Goal("SciPy", all=2.0)
    case = replace(TINY, copy_goal=0.5, goals=(goal,))
    assert figures.met(measured(case, gridsample=[1.0], SciPy=[3.0], copy=[0.6]), goal) is True
    assert figures.met(measured(case, gridsample=[1.0], SciPy=[3.0], copy=[0.4]), goal) is False


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
    fast = replace(TINY, name="fast", goals=(Goal("SciPy", 2, one=6), Goal("OpenCV")), note="It runs")
    cases = []
    for setting, share in ((ONE, 2), (ALL, 1)):
        cases.append(measured(fast, setting=setting, gridsample=[1e-3], SciPy=[5e-3], OpenCV=[2e-3], copy=[4e-4]))
        cases.append(measured(replace(TINY, name="slow"), setting=setting, gridsample=[1e-3 * share], SciPy=[1e-3]))
        cases.append(measured(replace(TINY, name="red"), right=False, setting=setting))
    cases[0].differences["OpenCV"] = [0.03]
    for side, one, two in ((64, 2e-5, 1.5e-5), (1024, 4e-3, 3e-3)):
        for threads, time in ((1, one), (2, two)):
            setting = Setting("x86_64_v4", threads)
            options = {"shape": (1, 3, side, side), "out": (side, side)}
            tensors = Case(f"sweep {side}, tensors", **options, goals=(Goal("torch", 1),))
            arrays = Case(f"sweep {side}, NumPy", **options, family="numpy", goals=(Goal("OpenCV", 1),))
            cases.append(measured(tensors, setting=setting, gridsample=[time], torch=[5 * one]))
            cases.append(measured(arrays, setting=setting, gridsample=[time], OpenCV=[0.8 * time]))
    return {
        "date": "2026-01-02",
        "commit": "abc",
        "machine": {"processor": "an abacus"},
        "versions": {"gridsample": "1", "SciPy": "2"},
        "missing": ["SimpleITK"],
        "settings": [ONE._asdict(), ALL._asdict()],
        "instructions": {"x86_64_v3": {"gridsample": "x86_64_v3", "SciPy": "as built"}},
        "pace": {"rounds": 1, "block": 0.15},
        "cases": [case.to_json() for case in cases],
        "import": 0.06,
        "busy": 0.25,
    }


def test_the_report_says_what_was_measured():
    text = report.render(made_up(), {"slow": "It sleeps.", "red": "It does not.", report.GAIN: "They wait."}, True)
    lines = text.splitlines()
    assert "| case | beside | AVX2, 1 thread | AVX-512, 2 threads |" in lines
    assert "| fast | SciPy | **5.00x** (6x) | 5.00x (2x) |" in lines
    assert "| fast | OpenCV | 2.00x | 2.00x |" in lines
    assert "| slow | SciPy | **0.500x** (2x) | **1.00x** (2x) |" in lines
    assert "| red | SciPy | **WRONG** (2x) | **WRONG** (2x) |" in lines
    assert "| slow | 1.00 ms | SciPy | 1.00 ms | 1.00x | - | - | - |" in lines
    assert "| SciPy | as built |" in lines
    assert any(line.startswith("- OpenCV, fast: by up to 0.03: ") for line in lines)
    assert "**slow**: 0.500x for 2x, AVX2, 1 thread; 1.00x for 2x, AVX-512, 2 threads. It sleeps." in lines
    assert "- **fast**: 5.00x for 6x beside SciPy, AVX2, 1 thread." in lines
    assert "It does not." not in text
    assert f"**{report.GAIN}**, for 1x3x1024x1024 (AVX-512): They wait." in lines
    swept = "| 1x3x64x64 | 20.0 µs | 15.0 µs | 1.33x | 1.63 | 5.00x | 6.67x | **0.800x** | **0.800x** |"
    assert swept in lines
    assert "AVX-512, 1 thread: 64, NumPy (0.800x)" in text
    assert "takes 60.0 ms beyond" in text
    assert "left out: SimpleITK" in text
    assert "before the run: 25 % of" in text


def test_the_report_says_when_others_had_the_processor():
    results = made_up()
    results["cases"][0]["wall"] = {
        name: [2 * each for each in times] for name, times in results["cases"][0]["wall"].items()
    }
    assert "took 10% longer than their work" in report.render(results, {}, False)
    assert "longer than their work" not in report.render(made_up(), {}, False)


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
    assert set(written) <= {*(case.name for case in CASES), report.GAIN, report.SIZES}
