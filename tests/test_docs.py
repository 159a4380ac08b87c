"""What the documents say: every example runs, and the tables are those of the program."""

import doctest
import re
from pathlib import Path

import numpy as np
import pytest

import gridsample
from gridsample.engines import support

ROOT = Path(__file__).parent.parent


def test_there_are_examples():
    finder = doctest.DocTestFinder()
    for name in gridsample.__all__:
        examples = [test.examples for test in finder.find(getattr(gridsample, name), name, module=gridsample)]
        assert any(examples), f"{name} has no example"


def test_the_first_example_of_the_readme_runs():
    source = re.search(r"```python\n(.*?)```", (ROOT / "README.md").read_text(encoding="utf-8"), re.DOTALL).group(1)
    names = {}
    exec(source, names)
    assert names["turned"].shape == names["image"].shape
    assert names["turned"].dtype == np.float32


def test_the_readme_explains_a_point_of_that_example():
    first, second = re.findall(r"```python\n(.*?)```", (ROOT / "README.md").read_text(encoding="utf-8"), re.DOTALL)[:2]
    names = {}
    exec(first, names)
    exec(second.partition("sample.plot()")[0], names)
    assert names["sample"].result == tuple(names["turned"][0, :, 100, 200].tolist())


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


PAGES = [str(page.relative_to(ROOT)) for page in (*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"))]


@pytest.mark.parametrize("page", PAGES)
def test_links_lead_somewhere(page):
    text = (ROOT / page).read_text(encoding="utf-8")
    for link in re.findall(r"\]\(([^)#]+)[^)]*\)", text):
        if not link.startswith(("http:", "https:")):
            assert ((ROOT / page).parent / link).exists(), link
