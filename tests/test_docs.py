"""What the documents say: every example runs, and the tables are those of the program."""

import doctest
import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import numpy as np
import pytest

import gridsample
from gridsample.engines import support

ROOT = Path(__file__).parent.parent
DRAWING = list((ROOT / "docs/figures").glob("*.py"))


def test_there_are_examples():
    finder = doctest.DocTestFinder()
    for name in gridsample.__all__:
        examples = [test.examples for test in finder.find(getattr(gridsample, name), name, module=gridsample)]
        assert any(examples), f"{name} has no example"


def test_the_first_example_of_the_readme_runs():
    source = re.search(r"```python\n(.*?)```", (ROOT / "README.md").read_text(encoding="utf-8"), re.DOTALL).group(1)
    names = {}
    exec(source, names)
    assert names["rotated"].shape == names["image"].shape
    assert names["rotated"].dtype == np.float32


def test_the_readme_explains_a_point_of_that_example():
    first, second = re.findall(r"```python\n(.*?)```", (ROOT / "README.md").read_text(encoding="utf-8"), re.DOTALL)[:2]
    names = {}
    exec(first, names)
    exec(second.partition("sample.plot()")[0], names)
    assert names["sample"].result == tuple(names["rotated"][0, :, 100, 200].tolist())


def test_what_explain_md_shows_is_what_it_prints(capsys):
    """Each block of code, run after those before it, prints the block of text that follows."""
    text = (ROOT / "docs/explain.md").read_text(encoding="utf-8")
    names = {}
    pairs = re.findall(r"```python\n(.*?)```\n\n```text\n(.*?)```", text, re.DOTALL)
    assert len(pairs) == 2
    for source, printed in pairs:
        exec(source, names)
        assert capsys.readouterr().out == printed


def test_the_support_table_is_that_of_the_engines():
    rows = [f"| {' | '.join((name, *served.values()))} |" for name, served in support().items()]
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    table = re.search(r"<!-- support -->\n(.*?)<!-- /support -->", readme, re.DOTALL).group(1)
    assert table.splitlines()[0] == f"| engine | {' | '.join(support()['cpu'])} |"
    assert table.splitlines()[2:] == rows


GENERATED = ("docs/_build/", "docs/gallery/", "docs/reference/generated/")
PAGES = sorted(
    page
    for path in (*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"))
    if not (page := path.relative_to(ROOT).as_posix()).startswith(GENERATED)
)
WIDTH = 88  # of code: what a page shows without scrolling
LINK = re.compile(r"(!?)\[[^\]]*\]\(([^)\s]+)\)")
FENCE = re.compile(r"^```(\w+)\n(.*?)^```$", re.DOTALL | re.MULTILINE)


def text_of(page):
    return (ROOT / page).read_text(encoding="utf-8")


def skip_without_its_libraries(page):
    for module in re.findall(r"^(?:>>> )?(?:import|from) (\w+)", text_of(page), re.MULTILINE):
        pytest.importorskip(module)


@pytest.mark.parametrize("page", PAGES)
def test_links_lead_somewhere(page):
    for link in re.findall(r"\]\(([^)#]+)[^)]*\)", text_of(page)):
        drawn = re.fullmatch(r"(?:\.\./)*images/drawn/(?:zh/)?(\w+)\.png", link)
        if drawn:  # when the site is made, by the function of that name
            assert any(f"def {drawn[1]}(" in path.read_text(encoding="utf-8") for path in DRAWING), link
        elif not link.startswith(("http:", "https:")):
            assert ((ROOT / page).parent / link).exists(), link


def test_the_package_page_has_absolute_links():
    """By the substitutions that the build makes: relative links of the README lead nowhere on a package index."""
    hook = tomllib.loads(text_of("pyproject.toml"))["tool"]["hatch"]["metadata"]["hooks"]["fancy-pypi-readme"]
    assert [fragment["path"] for fragment in hook["fragments"]] == ["README.md"]
    text = text_of("README.md")
    links = LINK.findall(text)
    for substitution in hook["substitutions"]:
        text = re.sub(substitution["pattern"], substitution["replacement"], text)
    relative = [path for _, path in links if not path.startswith(("https:", "#"))]
    assert len(relative) > 20
    for (image, path), (_, link) in zip(links, LINK.findall(text), strict=True):
        if path in relative:
            assert re.fullmatch(rf"https://[^/]+/(.*/)?{'raw' if image else 'blob'}/HEAD/{re.escape(path)}", link)
        else:
            assert link == path


@pytest.mark.parametrize("page", [page for page in PAGES if "```python" in text_of(page)])
@pytest.mark.filterwarnings("ignore:.torch.jit:DeprecationWarning")  # the page about it says so
@pytest.mark.filterwarnings("ignore:.*if they are pixels:UserWarning")  # shown as a mistake
@pytest.mark.filterwarnings("ignore:.isinstance.treespec:FutureWarning")  # torch's exporter, of torch itself
def test_the_code_of_a_page_runs(page, tmp_path, monkeypatch):
    """From the top to the bottom, as a reader would; what is printed is what the page shows."""
    skip_without_its_libraries(page)
    monkeypatch.chdir(tmp_path)
    shutil.copy(ROOT / "examples/chelsea.jpg", "cat.jpg")  # the picture that pages speak of
    names = {"__name__": "__main__"}
    parser, runner = doctest.DocTestParser(), doctest.DocTestRunner(optionflags=doctest.NORMALIZE_WHITESPACE)
    for language, block in FENCE.findall(text_of(page)):
        if language == "python" and ">>>" in block:
            example = parser.get_doctest(block, names, page, page, 0)
            example.globs = names  # and not a copy: blocks go on from each other
            runner.run(example, clear_globs=False)
        elif language == "python":
            exec(block, names)
    assert runner.failures == 0


@pytest.mark.parametrize("page", [page for page in PAGES if "```sh" in text_of(page)])
def test_the_commands_of_a_page_exist(page, tmp_path):
    """Those of our own command run; what installs or builds is there by name."""
    for name in ("cat.jpg", "page.jpg"):
        shutil.copy(ROOT / "examples/chelsea.jpg", tmp_path / name)
    command = tmp_path / "bin/gridsample"
    command.parent.mkdir()
    command.write_text(f'#!/bin/sh\nexec {sys.executable} -m gridsample "$@"\n', encoding="utf-8")
    command.chmod(0o755)
    path = f"{command.parent}:{os.environ['PATH']}"
    environment = {**os.environ, "PATH": path, "PYTHONPATH": str(Path(gridsample.__file__).parents[1])}
    extras = tomllib.loads(text_of("pyproject.toml"))["project"]["optional-dependencies"]
    for language, block in FENCE.findall(text_of(page)):
        if language == "sh" and block.startswith(("gridsample", "mkdir")):
            pytest.importorskip("pyvips").Image.new_from_file(str(tmp_path / "cat.jpg")).pngsave(
                str(tmp_path / "small.png")
            )
            subprocess.run(["bash", "-euo", "pipefail", "-c", block], cwd=tmp_path, env=environment, check=True)
        elif language == "sh":
            for line in block.splitlines():
                for target in re.match(r"make ([a-z -]+)", line)[1].split() if line.startswith("make ") else ():
                    assert re.search(rf"^{target}:", text_of("Makefile"), re.MULTILINE), target
                for extra in re.findall(r"\.\[(\w+)\]", line):
                    assert extra in extras


@pytest.mark.parametrize("page", [page for page in PAGES if page.startswith("docs/")])
def test_code_is_not_wider_than_a_page(page):
    lines = [
        line for language, block in FENCE.findall(text_of(page)) if language != "text" for line in block.splitlines()
    ]
    assert [line for line in lines if len(line) > WIDTH] == []


def test_every_public_name_has_a_page():
    listed = re.findall(r"^   (\w+)$", text_of("docs/reference/index.md"), re.MULTILINE)
    public = set(gridsample.__all__) | set(pytest.importorskip("gridsample.torch").__all__)
    assert sorted(listed) == sorted(public)


def test_every_page_is_in_a_table_of_contents():
    for folder in {Path(page).parent for page in PAGES if page.startswith("docs/")}:
        index = "index.md" if (ROOT / folder / "index.md").exists() else None
        assert index, f"{folder} has no index"
    told = {
        (Path(page).parent / re.sub(r".*<(.*)>", r"\1", entry)).as_posix()
        for page in PAGES
        for block in re.findall(r"```{toctree}\n(.*?)```", text_of(page), re.DOTALL)
        for entry in block.split("\n")
        if entry and not entry.startswith(":")
    }
    told = {os.path.normpath(entry) + ".md" for entry in told}
    assert {page for page in PAGES if page.startswith("docs/")} - told == {"docs/index.md"}
