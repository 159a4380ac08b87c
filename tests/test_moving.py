"""The pages for those who come from other libraries: every row of their tables is run, after the page's code."""

import re
from pathlib import Path

import numpy as np
import pytest

DOCS = Path(__file__).parent.parent / "docs"
PAGES = [page for page in sorted(DOCS.glob("**/moving/*.md")) if page.stem != "index"]  # zh's too
TABLE = re.compile(r"(?:^\|.*\|\n)+", re.MULTILINE)
# What a page may say of how equal two calls are; rounding is that of float32, of sums of some tens of numbers near 1.
EQUAL = {"exactly": 0.0, "up to rounding": 2e-5, "完全相等": 0.0, "舍入误差内": 2e-5}


def rows_of(page):
    """Return the rows of a page's tables of calls, as (kind of table, cells)."""
    rows = []
    for table in TABLE.findall(page.read_text(encoding="utf-8")):
        heading, _, *lines = table.splitlines()
        kind = (
            "equal"
            if heading.endswith(("| equal |", "| 相等程度 |"))
            else "different"
            if heading.startswith("| |")
            else None
        )
        rows += [(kind, line.strip("| ").split(" | ")) for line in lines if kind]
    return rows


def names_of(page):
    """Run a page's code, and return the names it makes."""
    names = {}
    for block in re.findall(r"^```python\n(.*?)^```$", page.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE):
        exec(block, names)
    return names


def evaluate(code, names):
    return eval(code.strip("`"), names)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(DOCS).as_posix())
@pytest.mark.filterwarnings("ignore:monai.networks.blocks.Warp")
def test_every_row_is_so(page):
    for module in re.findall(r"^(?:import|from) (\w+)", page.read_text(encoding="utf-8"), re.MULTILINE):
        pytest.importorskip(module)
    names, rows, wrong = names_of(page), rows_of(page), []
    assert {kind for kind, _ in rows} == {"equal", "different"}
    for kind, cells in rows:
        try:
            (check_equal if kind == "equal" else check_different)(cells, names)
        except Exception as error:  # all rows that are wrong are told together
            wrong.append(f"{cells[0]}: {type(error).__name__}: {error}")
    assert not wrong, "\n".join(wrong)


def check_equal(cells, names):
    theirs, ours = (np.asarray(evaluate(code, names)) for code in cells[:2])
    limit = EQUAL[cells[2]] if cells[2] in EQUAL else float(cells[2].removeprefix("within "))
    assert theirs.shape == ours.shape
    assert np.abs(theirs - ours).max() <= limit, f"differs by {np.abs(theirs - ours).max():.2g}"
    assert np.abs(theirs).max() > 0.1, "nothing to compare"


def check_different(cells, names):
    for cell in cells[1:]:
        code, verb, told = re.fullmatch(r"(`.+?`) (→|raises|抛出) `(.+)`", cell).groups()
        if verb == "→":
            assert str(evaluate(code, names)) == told, str(evaluate(code, names))
        else:
            kind = eval(told, names)
            with pytest.raises(kind):
                evaluate(code, names)
